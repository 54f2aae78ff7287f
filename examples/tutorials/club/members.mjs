const all = [{ id: 1, name: 'ada', password: 'lovelace', githubId: '1815' }]

export const members = {
  byId: (id) => all.find((one) => one.id === id),
  byPassword: (name, password) => all.find((one) => one.name === name && one.password === password) ?? false,
  byGitHub: ({ id }) => all.find((one) => one.githubId === id) ?? false,
  add: ({ username, password }) => {
    const member = { id: all.length + 1, name: username, password }
    all.push(member)
    return member
  },
}
