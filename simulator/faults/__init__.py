"""What goes wrong between the world and the core: messages, links, clocks, agents' sockets. By seed, in any time.

    outside = Faulty(World(settings, rules, seed), Faults(late=0.1, link_drops_per_h=4), seed)
    VirtualTime(outside, Router(rules), watch, Instant(0)).until(end)

It is an `Outside` as the world is one (:mod:`simulator.run`), and keeps the contract of an adapter
(:mod:`acd.cti_adapters.base`) as a real one does whose PBX is far away: docs/simulator-faults.md says what each fault
means, and how it heals.
"""

from simulator.faults.layer import Faulty
from simulator.faults.settings import Faults, from_table

__all__ = ["Faults", "Faulty", "from_table"]
