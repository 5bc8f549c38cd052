"""The usual script: Optuna, a DataLoader over stacked windows, nn.LSTM and a median pruner."""

import optuna
import torch

from benchmarks.peers.logbook import Logbook, arguments
from benchmarks.peers.loop import Model, stacked, validation_losses
from benchmarks.peers.space import make_study, suggest


def main() -> None:
    """Run the study."""
    parser = arguments(__doc__)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--blind", action="store_true", help="without the first point")
    parser.add_argument("--threads", type=int, default=0, help="0: torch's own choice")
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    sample, book = stacked(asked.data), Logbook(asked.folder)

    def objective(trial: optuna.Trial) -> float:
        hyper, best = suggest(trial), float("inf")
        model = Model(sample.n_features, hyper)
        for epoch, loss in enumerate(validation_losses(model, hyper, sample, asked.epochs)):
            book.note(trial.number, loss, model, hyper)
            best = min(best, loss)
            trial.report(best, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return best

    study = make_study(asked.seed, asked.blind)
    study.optimize(objective, n_trials=asked.trials, n_jobs=asked.jobs)
    book.write(event="end")
    book.score_winner(asked.data)


if __name__ == "__main__":
    main()
