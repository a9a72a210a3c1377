"""
A relay that is far away: `python -m benchmarks.mail.distant_relay PORT NEAR MILLISECONDS [HOST]` passes connections on to the port
NEAR, and what comes back from there so many milliseconds later. It listens on loopback, or on HOST.
"""

import asyncio
import sys

OCTETS = 262_144


async def main(port: int, near: int, seconds: float, host: str = "127.0.0.1") -> None:
    """Listen until stopped."""

    async def pass_on(there: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", near, limit=OCTETS)
        await asyncio.gather(forth(there, writer), late(reader, back, seconds))

    server = await asyncio.start_server(pass_on, host, port, limit=OCTETS)
    await server.serve_forever()


async def forth(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on at once."""
    try:
        while some := await reader.read(OCTETS):
            writer.write(some)
            await writer.drain()
    except OSError:
        pass
    writer.close()


async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Pass on later; what came later leaves later."""
    loop = asyncio.get_running_loop()
    try:
        while some := await reader.read(OCTETS):
            loop.call_later(seconds, writer.write, some)
    except OSError:
        pass
    loop.call_later(seconds, writer.close)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) / 1000, *sys.argv[4:]))
