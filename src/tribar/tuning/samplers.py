"""Who proposes: a sampler built anew for every trial, with that trial's own seed."""

from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from tribar.params import SamplerParams
from tribar.runtime import derive_seed


def sampler_for(params: SamplerParams, seed: int, number: int) -> BaseSampler:
    """Return the sampler of one trial.

    A sampler's random state is not part of a study: one that lives through a study draws other
    values after a resume. A fresh one, seeded by the trial's number, cannot.

    Args:
        params: name and options.
        seed: of the study.
        number: of the trial.
    """
    own = derive_seed(seed, "sampler", number)
    if params.name == "random":
        return RandomSampler(seed=own)
    return TPESampler(
        n_startup_trials=params.n_startup_trials,
        n_ei_candidates=params.n_ei_candidates,
        multivariate=True,
        group=False,
        constant_liar=True,
        seed=own,
    )
