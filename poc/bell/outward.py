"""Connections that lead out of the house: to no address inside it, whatever its name says."""

import socket
from http.client import HTTPSConnection
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any


class Inside(OSError):
    """A push service's name leads to an address that is not out in the internet."""


class Outward(HTTPSConnection):
    """For push services that whoever runs POC has named beside those of the browsers."""

    def __init__(self, host: str, port: int, *, timeout: float, context: SSLContext) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self._trust = context

    def connect(self) -> None:
        """Look where the line has led before a word is said on it."""
        line = socket.create_connection((self.host, self.port), self.timeout)
        if not out_there(line.getpeername()[0]):
            line.close()
            raise Inside(f"{self.host} leads inside")
        self.sock: Any = self._trust.wrap_socket(line, server_hostname=self.host)


def leads_inside(host: str) -> bool:
    """Say whether a name leads to an address of this machine or of its own network."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return False  # nowhere, for now: then nothing is sent either
    return not all(out_there(str(one[4][0])) for one in found)


def out_there(address: str) -> bool:
    """Say whether an address is one of the internet's."""
    return ip_address(address.partition("%")[0]).is_global
