#!/usr/bin/env bash
# A whole login with curl: password, code by text, and the page behind it. Needs the app at $BASE.
set -eu
BASE="${BASE:-http://localhost:3000}"
jar=$(mktemp)
trap 'rm -f "$jar"' EXIT
api() { curl -sS --fail-with-body -b "$jar" -c "$jar" -H 'Content-Type: application/json' "$@"; }
status() {
  answer=$(cat)
  case $answer in *'"problem":'* | *'"code":"'*) echo "Refused: $answer" >&2; exit 1 ;; esac
  echo "$answer" | sed 's/.*"status":"\([a-z]*\)".*/\1/'
}

echo '1. The password is right. The mobile network is asked next, and Ada is not logged in yet:'
api "$BASE/login/local" -d '{"username":"ada","password":"lovelace-1815"}' | status
api "$BASE/legacy/session"; echo

echo '2. She is not on the network, so she chooses a text, and the code is on her phone:'
api "$BASE/login/sms-otp/challenge" -d '{}' | status
code=$(curl -sS "$BASE/handset/messages?to=%2B447400123456" | grep -o '#[0-9]*"' | tail -n 1 | tr -d '#"')
echo "$code"

echo '3. Now she is logged in:'
api "$BASE/login/sms-otp" -d "{\"code\":\"$code\"}" | status
api "$BASE/account"; echo
