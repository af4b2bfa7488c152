"""Which addresses are public."""

import httpcore
import pytest

from vlaudit.data.addresses import Refused, ScreenedNetwork, is_public


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1"),
        *("198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fc00::1", "fd00:ec2::254"),
        *("ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("2001:0:7f00:1::", "64:ff9b::a9fe:a9fe", "2001:db8::1", "nonsense", ""),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07::1"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::1]"])
def test_every_spelling_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises((Refused, httpcore.ConnectError)):
        ScreenedNetwork(private=False).connect_tcp(host.strip("[]"), 9, timeout=1)


def test_one_private_address_among_public_ones_is_enough() -> None:
    network = ScreenedNetwork(private=False, resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Refused):
        network.connect_tcp("mixed.example", 80, timeout=1)


def test_unknown_hosts_and_silent_addresses() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(httpcore.ConnectError, match="cannot be resolved"):
        ScreenedNetwork(private=True, resolve=unknown).connect_tcp("x.example", 80)
    with pytest.raises(httpcore.ConnectError, match="has no address"):
        ScreenedNetwork(private=True, resolve=lambda host, port: []).connect_tcp("x.example", 80)
    with pytest.raises(httpcore.ConnectError):
        ScreenedNetwork(private=True, resolve=lambda host, port: ["127.0.0.1"]).connect_tcp(
            "x.example", 9, timeout=1
        )
