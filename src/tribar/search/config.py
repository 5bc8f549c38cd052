"""Who proposes the next trial: Optuna's samplers by name, each with its own options.

An option has the name, type and range that Optuna's constructor has; what it means stands there.
Every sampler keeps its block while another is chosen, so that `-S tune.sampler.name=gp` is enough.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from tribar.block import Block, Fault

SamplerName = Literal["tpe", "random", "qmc", "cmaes", "gp", "grid", "brute_force"]


class TpeOptions(Block):
    """Tree-structured Parzen estimator (Bergstra et al., 2011; Watanabe, 2023)."""

    n_startup_trials: int = Field(5, ge=0, description="random trials before any is modelled")
    n_ei_candidates: int = Field(24, ge=1, description="candidates compared for a trial")
    multivariate: bool = Field(True, description="models the dimensions together")
    group: bool = Field(False, description="models each branch of a conditional space by itself")
    constant_liar: bool = Field(True, description="running trials count as bad ones")

    def conflicts(self) -> Iterator[Fault]:
        """Yield groups that are modelled dimension by dimension."""
        if self.group and not self.multivariate:
            yield Fault("group", "it needs multivariate; set multivariate to true, or drop group")


class QmcOptions(Block):
    """Quasi-Monte Carlo: a low-discrepancy sequence (Bergstra and Bengio, 2012)."""

    qmc_type: Literal["sobol", "halton"] = "sobol"
    scramble: bool = True


class CmaesOptions(Block):
    """CMA-ES (Hansen, 2016); categorical dimensions are drawn at random."""

    n_startup_trials: int = Field(1, ge=0)
    popsize: int | None = Field(None, ge=2, description="null: 4 + 3 ln(dimensions)")
    consider_pruned_trials: bool = False
    use_separable_cma: bool = False
    with_margin: bool = False
    lr_adapt: bool = False

    def conflicts(self) -> Iterator[Fault]:
        """Yield two kinds of CMA-ES at once."""
        kinds = ("use_separable_cma", "with_margin", "lr_adapt")
        chosen = [kind for kind in kinds if getattr(self, kind)]
        if len(chosen) > 1:
            yield Fault(
                f"{chosen[0]}", f"{' and '.join(chosen)} exclude each other; set one to false"
            )


class GpOptions(Block):
    """Gaussian process with expected improvement."""

    n_startup_trials: int = Field(10, ge=0)
    deterministic_objective: bool = False


class GridOptions(Block):
    """Every combination, in a seeded order."""

    points: int = Field(3, ge=1, le=1000, description="values of a dimension without a step")


class BruteForceOptions(Block):
    """Every combination of a space whose dimensions all have a step or choices."""

    avoid_premature_stop: bool = False


class SamplerParams(Block):
    """The chosen sampler, and the options of each."""

    name: SamplerName
    tpe: TpeOptions = TpeOptions()
    qmc: QmcOptions = QmcOptions()
    cmaes: CmaesOptions = CmaesOptions()
    gp: GpOptions = GpOptions()
    grid: GridOptions = GridOptions()
    brute_force: BruteForceOptions = BruteForceOptions()

    def chosen(self) -> dict[str, object]:
        """Return the options of the chosen sampler."""
        options: Block | None = getattr(self, self.name, None)
        return options.model_dump() if options else {}
