#!/usr/bin/env python3
"""Runs each command of commands.txt with the real curl and keeps what it sends.

Writes ../curl/NAME.txtar with the command and the request as it went over the wire. Only loopback is
contacted: a wrapper named curl adds --connect-to. Run it in this directory; needs bash and curl.
"""
import os, pathlib, socket, stat, subprocess, tempfile, threading

here = pathlib.Path(__file__).resolve().parent
out = here.parent / "curl"
out.mkdir(exist_ok=True)


def serve(listener, box):
    listener.settimeout(5)
    try:
        conn, _ = listener.accept()
    except TimeoutError:
        return
    conn.settimeout(0.6)
    data = b""
    try:
        while True:
            part = conn.recv(65536)
            if not part:
                break
            data += part
            head, sep, body = data.partition(b"\r\n\r\n")
            if sep:
                length = 0
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                if len(body) >= length:
                    break
    except TimeoutError:
        pass
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    conn.close()
    box.append(data)


commands = (here / "commands.txt").read_text().split("\n### ")
for block in commands:
    name, _, command = block.removeprefix("### ").partition("\n")
    command = command.rstrip("\n")
    with tempfile.TemporaryDirectory() as tmp, socket.create_server(("127.0.0.1", 0)) as listener:
        box = []
        thread = threading.Thread(target=serve, args=(listener, box))
        thread.start()
        wrapper = pathlib.Path(tmp) / "curl"
        port = listener.getsockname()[1]
        wrapper.write_text(f'#!/bin/sh\nexec /usr/bin/curl --connect-to "::127.0.0.1:{port}" "$@"\n')
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        (pathlib.Path(tmp) / "body.json").write_bytes(b'{\r\n "a": 1\n}\n')
        env = dict(os.environ, PATH=tmp + ":" + os.environ["PATH"], HOME=tmp)
        subprocess.run(["bash", "-c", command], cwd=tmp, env=env, timeout=10, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        thread.join(5)
    if not box:
        raise SystemExit(f"{name}: curl sent nothing")
    (out / (name + ".txtar")).write_bytes(b"-- command --\n" + command.encode() + b"\n-- request --\n" + box[0] + b"\n")
