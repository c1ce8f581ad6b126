# SPDX-License-Identifier: ISC
# The peer answers nonsense of many kinds: iked neither falls nor believes it, and still finds the real peer later.
# Needs: iked, python3
# Limit: 300
net_pair
configure iked a active
configure iked b passive
cat >"$T/nonsense.py" <<'PYTHON'
# Answers each datagram to port 500 with several that are wrong, each in another way.
import os, socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("192.0.2.2", 500))
def header(spi_i, spi_r, first, exchange, flags, length):
    return spi_i + spi_r + struct.pack(">BBBBII", first, 0x20, exchange, flags, 0, length)
def notify(kind, data=b""):  # one N payload, the last
    return struct.pack(">BBHBBH", 0, 0, 8 + len(data), 0, 0, kind) + data
while True:
    request, peer = s.recvfrom(65535)
    spi_i, other = request[:8], os.urandom(8)
    zero = bytes(8)
    for answer in (
        b"", b"\0", os.urandom(27), os.urandom(1400), request, request[:40],
        request[:19] + b"\x20" + request[20:],                                     # our own request as a response
        header(spi_i, other, 0, 34, 0x20, 28),                                     # no payload at all
        header(spi_i, other, 33, 34, 0x20, 0xffffffff) + os.urandom(60),           # a length that lies
        header(spi_i, other, 33, 34, 0x20, 68) + os.urandom(40),                   # payloads of noise
        header(spi_i, other, 41, 34, 0x20, 36) + notify(14),                       # NO_PROPOSAL_CHOSEN, anyone can send it
        header(spi_i, zero, 41, 34, 0x20, 36) + notify(24),                        # AUTHENTICATION_FAILED in the clear
        header(spi_i, zero, 41, 34, 0x20, 38) + notify(17, b"\xff\xff"),           # INVALID_KE_PAYLOAD, a group not offered
        header(spi_i, zero, 41, 34, 0x20, 46) + notify(16390, b"cookie" * 2),      # a COOKIE whose length lies
        header(spi_i, other, 46, 35, 0x20, 92) + os.urandom(64),                   # an encrypted answer to nothing
        header(spi_i, other, 46, 37, 0x08, 92) + os.urandom(64),                   # a request within no SA
    ):
        s.sendto(answer, peer)
    with open("/run/nonsense", "a") as seen:
        seen.write("x")
PYTHON
ip netns exec b python3 "$T/nonsense.py" >"$OUT/nonsense.log" 2>&1 &
nonsense=$!
peer_start iked a
wait_for 60 "two attempts answered with nonsense" eval '[ "$(stat -c %s /run/nonsense)" -ge 2 ]'
refuse "iked ended" peer_ended a
check "an SA made of nonsense" no_sa a "$addr_a"
kill $nonsense
wait $nonsense || :
step "the real peer"
wire_start wire
peer_start iked b
wait_for 150 "a tunnel on a" has_tunnel a "$addr_a"
tunnel_works
peer_stop a
peer_stop b
wire_stop wire
wire_no_clear wire
clean_check a b
