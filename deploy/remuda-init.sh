#!/bin/sh
# The first process of a container whose command is a server made with Node:
#
#   remuda-init node server.js
#
# Processes whose parent has died become children of the first one, which must
# wait for them, or they stay as zombies. Node does not. A shell does, so it
# starts the command, passes on the signals it gets, and ends as the command
# ends. "docker run --init", "init: true" and tini do the same.

if [ $# -eq 0 ]; then
  echo "usage: remuda-init COMMAND [ARGUMENT...]" >&2
  exit 2
fi

child=
early=
# One that comes before there is a command is passed on once there is.
pass_on() {
  if [ -n "$child" ]; then kill -s "$1" "$child"; else early="$early $1"; fi
}
for signal in TERM INT QUIT HUP USR1 USR2 WINCH TTIN TTOU; do
  # shellcheck disable=SC2064
  trap "pass_on $signal" "$signal"
done

# In the background its input would be empty: it gets ours.
exec 3<&0
"$@" <&3 3<&- &
child=$!
exec 3<&-
for signal in $early; do kill -s "$signal" "$child"; done

while :; do
  # A signal interrupts the wait as well; a zombie of ours still has its pid.
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || exit "$status"
done
