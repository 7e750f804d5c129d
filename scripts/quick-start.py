"""Runs the walks of a page as they are written there: `quick-start.py docs/api.md http://127.0.0.1:4000/api`.

Only the address of the site is replaced. The shell's blocks are one script, which stops at the first failure; each block in Python is one.
"""

import re
import subprocess
import sys

page, base = sys.argv[1:]
text = open(page, encoding="utf-8").read().replace("http://localhost:3000/api", base)
blocks = re.findall(r"^```(bash|python)\n(.*?)^```$", text, re.M | re.S)
shell = "set -euo pipefail\n" + "\n".join(code for language, code in blocks if language == "bash")
scripts = [code for language, code in blocks if language == "python"]
assert "curl" in shell and scripts, f"{page} has no walk"


def run(command, code, wanted):
    done = subprocess.run(command, input=code, capture_output=True, text=True, timeout=60)
    if done.returncode != 0 or wanted not in done.stdout:
        sys.exit(f"{page} does not work as written:\n{done.stdout}{done.stderr}")
    print(done.stdout.strip())


run(["bash"], shell, '"cancelled"')
for code in scripts:
    run([sys.executable, "-W", "ignore::DeprecationWarning", "-"], code, "Booking status: ")
