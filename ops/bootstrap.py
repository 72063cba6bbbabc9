"""Makes `.venv` from the lock file, and says the exact line to type where the machine lacks something.

    python3 ops/bootstrap.py serve|dev

Standard library only, and readable by old Pythons, so that they too can say what is missing. Nothing is done when the
environment is what the lock says. pip's own settings for mirrors, proxies and certificates hold.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed.json")
LOCKS = {"serve": "requirements.lock", "dev": "requirements-dev.lock"}
OLDEST = (3, 11)


def main():
    """Exit status 0 when the environment is there, 1 with what to do, 2 on wrong use."""
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        sys.stderr.write(__doc__)
        return 2
    kind = sys.argv[1]
    if _installed().get(kind) == _digest(kind):
        return 0
    if sys.version_info < OLDEST:
        return _newer_python()
    lacking = _lacking_modules()
    if lacking:
        return _say(lacking)
    with open(ROOT + "/Makefile") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if _installed().get(kind) == _digest(kind):
            return 0
        return _install(kind)


def _installed():
    """What was installed completely: the digest of each kind."""
    try:
        with open(STAMP) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def _digest(kind):
    """Changes with the lock, the package's metadata (not with the tools' settings) and the place of the checkout."""
    told = hashlib.sha256(ROOT.encode("utf-8"))
    for path in ("ops/" + LOCKS[kind], "pyproject.toml"):
        with open(os.path.join(ROOT, path), "rb") as file:
            told.update(hashlib.sha256(file.read().partition(b"[tool.")[0]).digest())
    return told.hexdigest()


def _newer_python():
    """Goes on with a newer Python of this machine, or says how to get one."""
    for minor in range(20, OLDEST[1] - 1, -1):
        program = shutil.which("python3.%d" % minor)
        if program and _starts(program):
            os.execv(program, [program, *sys.argv])
    old = "%d.%d" % sys.version_info[:2]
    return _say(
        "Python 3.11 以上が必要です（この機械の python3 は "
        + old
        + "）。次の行を実行してください：\n"
        + _line("python")
    )


def _starts(program):
    """Whether it is a Python and not only a name, as version switchers leave them."""
    return subprocess.call([program, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def _lacking_modules():
    """What to do when Python comes without venv or ensurepip (Debian and Ubuntu), else None."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return "Python の venv がありません。次の行を実行してから、もう一度試してください：\n" + _line("venv")
    return None


def _line(what):
    """The line to type on this kind of machine."""
    if shutil.which("apt-get"):
        name = "python%d.%d-venv" % sys.version_info[:2] if what == "venv" else "python3.11 python3.11-venv"
        return "  sudo apt-get install " + name
    if shutil.which("dnf"):
        return "  sudo dnf install python3.11"
    if shutil.which("brew"):
        return "  brew install python@3.12"
    return "  https://www.python.org/downloads/"


def _install(kind):
    print("Python の部品を用意しています（最初の 1 回は 1 分ほど）…")
    sys.stdout.flush()
    if os.path.exists(STAMP):
        os.remove(STAMP)
    try:
        if not _works():
            _run([sys.executable, "-m", "venv", "--clear", VENV])
        _run(_pip("--require-hashes", "-r", os.path.join(ROOT, "ops", LOCKS[kind])))
        _run(_pip("--no-deps", "--no-build-isolation", "--editable", ROOT))
    except subprocess.CalledProcessError as error:
        hint = "プロキシやミラーは pip の設定（https_proxy、PIP_INDEX_URL、PIP_CERT など）に従います："
        return _say("用意できませんでした。" + hint + "\n" + error.output)
    kinds = LOCKS if kind == "dev" else [kind]
    with open(STAMP + ".part", "w") as file:
        json.dump({one: _digest(one) for one in kinds}, file)
    os.replace(STAMP + ".part", STAMP)
    return 0


def _works():
    """Whether the environment's Python starts, is new enough and has pip."""
    test = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.call([PYTHON, "-c", test], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def _pip(*arguments):
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    bundle = os.environ.get("TETSUZUKI_CA_BUNDLE")
    if bundle:
        command += ["--cert", bundle]
    return command + list(arguments)


def _run(command):
    """Runs it; its output is kept for the case that it fails (CalledProcessError)."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    if done.returncode != 0:
        raise subprocess.CalledProcessError(done.returncode, command, output=done.stdout)


def _say(text):
    sys.stderr.write(text + "\n")
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(1)
    except OSError as error:
        sys.exit(_say("%s に書き込めません（%s）。" % (error.filename or ROOT, error.strerror)))
