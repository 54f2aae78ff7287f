interface Handle {
  exec(sql: string): unknown
  close(): unknown
}

/**
 * Does this work while another process, as it were, has locked a file of SQLite.
 * @returns what the work gave, and the longest time in milliseconds in which this process did nothing else.
 */
export async function whileLocked<Answer>(
  driver: new (file: string) => Handle,
  file: string,
  work: () => Promise<Answer>,
): Promise<{ answer: Answer, longest: number }> {
  const other = new driver(file)
  other.exec('BEGIN IMMEDIATE')
  let [longest, last] = [0, performance.now()]
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  try {
    return { answer: await work(), longest }
  } finally {
    clearInterval(beat)
    other.exec('COMMIT')
    other.close()
  }
}
