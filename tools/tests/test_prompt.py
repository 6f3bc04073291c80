#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The prompt of vpnctl on a terminal, and completion in bash.

  test_prompt.py VPNCTL COMPLETION libedit|plain

Nothing here needs a kernel module: help and completion come from the grammar.
"""

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

VPNCTL, COMPLETION, KIND = sys.argv[1:4]
TAB = "\t"


class Terminal:
    """vpnctl on a terminal of its own."""

    def __init__(self):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ["TERM"] = "dumb"
            os.environ["HOME"] = "/nonexistent"
            os.execv(VPNCTL, [VPNCTL])

    def wait(self, regex):
        """Until that was printed; what was printed so far is forgotten."""
        end = time.monotonic() + 60
        while not (found := re.search(regex, self.text)):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise AssertionError(f"no '{regex}' in {self.text!r}")
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                raise AssertionError(f"ended, no '{regex}' in {self.text!r}") from None
            if not data:
                raise AssertionError(f"ended, no '{regex}' in {self.text!r}")
            self.text += data.decode(errors="replace").replace("\r", "")
        seen = self.text[:found.end()]
        self.text = self.text[found.end():]
        return seen

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def run(self, line):
        """What a line prints, up to the next prompt."""
        self.type(line + "\n")
        self.wait(re.escape(line.split("?")[0][-4:]) if KIND == "plain" else r"\n")
        return self.wait(r"vpngw# ?")

    def end(self):
        self.type("exit\n")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    os.read(self.fd, 4096)
                except OSError:
                    pass
        raise AssertionError("exit does not end it")


def commands():
    """Lines are commands; blank ones and comments are not; exit ends it."""
    t = Terminal()
    t.wait("vpngw# ?")
    assert re.search(r"vpnctl \S+", t.run("version"))
    assert re.search(r"vpnctl \S+", t.run("vers"))
    assert "not understood" in t.run("frobnicate now")
    assert "'c' <- ambiguous" in t.run("c isakmp")
    assert "incomplete" in t.run("show")
    assert "vpnctl" not in t.run("! version")
    t.run("")
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
        f.write("access-list 101 permit ip any any\naccess-list 101 permt ip any any\n")
        f.flush()
        assert f"{f.name}:2:17: error" in t.run(f"check {f.name}")
    assert t.end() == 0


def help_in_place():
    """? lists what may come next, without Enter where there is libedit."""
    t = Terminal()
    t.wait("vpngw# ?")
    for line, want in (("show crypto ", "ipsec"), ("show cry", "crypto"),
                       ("clear crypto sa peer ", "A.B.C.D|addr|ADDR"), ("sh acc ", "<cr>"),
                       ("show nonsense ", "% Unrecognized"), ("c c s ", "% Ambiguous"), ("cl c sa ", "peer")):
        t.type(line + ("?" if KIND == "libedit" else "?\n"))
        t.wait(want)
        if KIND == "libedit":
            t.type("\x15")                      # forget the line
            t.type("version\n")
            t.wait(r"\nvpnctl \S+")
        t.wait("vpngw# ?")
    assert t.end() == 0


def tab():
    """TAB completes as far as it is certain."""
    t = Terminal()
    t.wait("vpngw# ?")
    t.type("vers" + TAB)
    t.wait("version ")
    t.type("\n")
    t.wait(r"\nvpnctl \S+")
    t.wait("vpngw# ?")
    # "show ip nat sta" has one end, "show ip nat " two
    t.type("sho" + TAB + "ip" + TAB + "n" + TAB + "st" + TAB)
    t.wait("show ip nat statistics ")
    t.type("\x15")
    t.type("show ip nat " + TAB + "x\n")
    t.wait("not understood")
    assert t.end() == 0


def bash(*words):
    """What bash would offer for the last word."""
    script = f"""
        . {COMPLETION}
        COMP_WORDS=(vpnctl "$@")
        COMP_CWORD=$#
        _vpnctl 2> /dev/null
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = os.path.dirname(os.path.abspath(VPNCTL)) + ":" + os.environ["PATH"]
    out = subprocess.run(["bash", "-c", script, "bash", *words], stdout=subprocess.PIPE,
                         env={**os.environ, "PATH": path}, check=True)
    return out.stdout.decode().split()


def completion():
    """Completion in bash: words of the grammar, options, and files where one is wanted."""
    assert bash("show", "cry") == ["crypto"], bash("show", "cry")
    assert "ipsec" in bash("show", "crypto", "") and "isakmp" in bash("show", "crypto", "")
    assert bash("--json", "show", "ip", "nat", "st") == ["statistics"]
    assert bash("sh", "ip", "n", "tr") == ["translations"]
    assert bash("show", "nonsense", "") == []
    assert bash("load", "") == []
    assert "--json" in bash("--js") and "--pcap" in bash("--p")
    assert bash("--nonsense") == [] and "--complete" not in bash("--")
    assert bash("show", "drops", "|", "inc") == ["include"]


def options():
    """Every option is offered."""
    text = subprocess.run([VPNCTL, "help"], stdout=subprocess.PIPE, check=True).stdout.decode()
    wanted = set(re.findall(r"^  (--[a-z-]+)", text, re.M))
    assert len(wanted) > 8
    missing = wanted - set(bash("--"))
    assert not missing, missing


def main():
    tests = [commands, help_in_place, completion, options]
    if KIND == "libedit":
        tests.append(tab)
    failed = 0
    for test in tests:
        try:
            test()
            print(f"  ok {test.__name__}: {test.__doc__}")
        except AssertionError as e:
            failed += 1
            print(f"  FAILED {test.__name__}: {test.__doc__}\n    {e}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
