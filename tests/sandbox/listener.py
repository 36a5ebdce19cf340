"""A listening port that can go away for a while, as that of a server that is restarted."""
import asyncio
import socket


class Listener:
    """What listens for an aiohttp server: `protocols` makes a protocol for each connection."""

    def __init__(self, protocols, server, tls):
        self.protocols, self.server, self.tls = protocols, server, tls
        self.address = server.sockets[0].getsockname()
        self.port = self.address[1]
        self.returning = None

    def leave(self, seconds):
        """Connections are refused for so long; those that are open end with the answer they wait for."""
        self.server.close()
        left = list(self.protocols.connections)
        for connection in left:
            connection.close()
        holder = socket.socket()  # bound and not listening: nobody else gets the port meanwhile
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(self.address)
        self.returning = asyncio.get_running_loop().create_task(self._come_back(holder, left, seconds))

    async def _come_back(self, holder, left, seconds):
        await asyncio.sleep(seconds)
        for connection in left:  # one that had just come stays open after close(), and deaf
            if connection._current_request is None:
                connection.force_close()
        self.server = await asyncio.get_running_loop().create_server(self.protocols, sock=holder, ssl=self.tls)
