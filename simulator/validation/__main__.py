"""`make validate`: published results beside ours, by the production core; ends with code 1 when one disagrees."""

import time

import click
from rich.console import Console
from rich.table import Table

from simulator.validation.check import EXAMPLES, REPLICATIONS, Verdict, replicate, verdicts

COMMAND = "python -m simulator.validation"


@click.command()
@click.option("--replications", type=click.IntRange(min=2), default=REPLICATIONS, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--processes", type=click.IntRange(min=1), default=None, help="One for each core, if not given.")
def main(replications: int, seed: int, processes: int | None) -> None:
    """Run the examples of ContactCenters and hold our figures against the published ones."""
    console = Console()
    console.print(f"seed {seed}: {COMMAND} --seed {seed} --replications {replications}")
    disagree = 0
    for example, figures in EXAMPLES.values():
        began = time.perf_counter()
        found = verdicts(figures, replicate(example, seed, replications, processes))
        title = f"{example.name}: {replications} replications, {time.perf_counter() - began:.0f} s"
        console.print(_table(title, found))
        disagree += sum(not each.agrees for each in found)
    console.print(f"{disagree} figures disagree" if disagree else "every figure agrees with the published one")
    raise SystemExit(1 if disagree else 0)


def _table(title: str, found: list[Verdict]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("", "published", "ours", "difference", "allowed", ""):
        table.add_column(heading, justify="left" if not heading else "right")
    for each in found:
        table.add_row(
            each.figure.name,
            f"{each.figure.mean:.5g} ± {each.figure.half_width:.3g}",
            f"{each.mean:.5g} ± {each.half_width:.3g}",
            f"{each.mean - each.figure.mean:+.3g}",
            f"{each.allowed:.3g}",
            "agrees" if each.agrees else "DISAGREES",
        )
    return table


if __name__ == "__main__":
    main()
