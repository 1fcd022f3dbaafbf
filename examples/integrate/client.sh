#!/bin/sh
# FraudShield before a payment, with curl alone. Copy it and change it.
#
#     sh client.sh PAYMENT.json        prints approve, review or block; of a review its verdict, when it comes
#     sh client.sh label ID TRUTH      says what a payment turned out to be: fraud or genuine
#
# The file has one payment; an id has letters, digits, - and _ here.
set -eu
url="${FRAUDSHIELD_URL:-http://127.0.0.1:8000}"
time_out_s="${FRAUDSHIELD_TIME_OUT_S:-3}" # it answers within 2.5 s, whatever fails
hold_from=500                             # without any answer, what is dearer than this waits for a person
ask_every_s="${FRAUDSHIELD_ASK_EVERY_S:-10}"
verdict_within_s="${FRAUDSHIELD_VERDICT_WITHIN_S:-3600}"

# Sends once more after a time-out, 429 or 5xx, with the same body and so the same id: it is decided once.
call() {
  key="$1" && shift
  curl -sS --max-time "$time_out_s" --retry 1 --retry-connrefused --fail-with-body \
    -H "X-API-Key: $key" -H "Content-Type: application/json" "$@"
}

# The value of a member whose name stands once, out of JSON on one line.
member() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p"; }

decide() {
  if answer="$(call "$TEST_API_KEY" -w ' %{http_code}' -d "{\"transactions\": [$(cat "$1")]}" "$url/api/v1/score")"; then
    # persisted: false stands all the same: it is queued, and stored soon
    [ "$(printf '%s' "$answer" | member persisted)" = true ] || echo "decided, and not stored yet" >&2
    printf '%s' "$answer" | member decision
    return
  fi
  case "$answer" in
    *' 429') ;;
    *' 4'??) echo "$answer" >&2 && return 1 ;; # our fault: sending it again would not help
  esac
  amount="$(tr -d '\n' <"$1" | member amount)"
  if [ "${amount%.*}" -ge "$hold_from" ]; then echo review; else echo approve; fi
}

verdict() {
  waited=0
  while [ "$waited" -lt "$verdict_within_s" ]; do
    stored="$(call "$TEST_API_KEY" "$url/api/v1/database/transactions/$1" || true)" # it may not be stored yet
    case "$stored" in
      *'"label":{"label":"genuine"'*) echo approve && return ;;
      *'"label":{"label":"fraud"'*) echo block && return ;;
    esac
    sleep "$ask_every_s"
    waited=$((waited + ask_every_s))
  done
  echo block
}

if [ "$1" = label ]; then
  call "$FRONTEND_API_KEY" -X PUT -d "{\"label\": \"$3\", \"source\": \"chargeback\"}" \
    -o /dev/null "$url/api/v1/database/transactions/$2/label"
else
  decision="$(decide "$1")"
  echo "$decision"
  [ "$decision" != review ] || verdict "$(tr -d '\n' <"$1" | member transaction_id)"
fi
