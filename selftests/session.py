# SPDX-License-Identifier: GPL-2.0
"""vpnctl at its prompt, for tests that ask thousands of things: one process for all."""

import json
import os
import pty
import select
import subprocess
import termios


class Session:
    def __init__(self, command, *options):
        # a prompt is for terminals only; what is printed is easier to read from a pipe
        self.terminal, theirs = pty.openpty()
        modes = termios.tcgetattr(theirs)
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, modes)
        self.run = subprocess.Popen([*command, "vpnctl", "--json", *options], stdin=theirs,
                                    stdout=subprocess.PIPE)
        os.close(theirs)
        self.text = ""

    def read_object(self):
        while True:
            start = self.text.find("{")
            try:
                found, end = json.JSONDecoder().raw_decode(self.text[start:] if start >= 0 else "")
                self.text = self.text[start + end:]
                return found
            except ValueError:
                pass
            if not select.select([self.run.stdout], [], [], 120)[0]:
                raise SystemExit(f"vpnctl does not answer: {self.text}")
            more = os.read(self.run.stdout.fileno(), 1 << 20)
            if not more:
                raise SystemExit(f"vpnctl has ended: {self.text}")
            self.text += more.decode()

    def ask(self, *words):
        """What a command answers, as an object; None if it says nothing, or fails."""
        # the second answer is the end of the first
        os.write(self.terminal, (" ".join(words) + "\nversion\n").encode())
        answer = None
        while True:
            found = self.read_object()
            if found.keys() == {"version"}:
                return answer
            answer = found


def in_namespace(name, *options):
    return Session(["ip", "netns", "exec", name], *options)
