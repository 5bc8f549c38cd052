"""The parameters of the network."""

from typing import Annotated, Literal

from pydantic import Field

from tribar.block import Block

Cell = Literal["lstm", "gru"]
MOST_LAYERS = 16
MANY = 1_000_000
Share = Annotated[float, Field(ge=0, lt=1)]


class ModelParams(Block):
    """The network: the value of each of these that tune.space does not search."""

    cell: Cell
    hidden_dim: int = Field(ge=1, le=4096)
    num_layers: int = Field(ge=1, le=MOST_LAYERS)
    bidirectional: bool
    dropout: Share | tuple[Share, ...] = Field(description="of each layer's output; or one a layer")
    dropout_kind: Literal["standard", "locked"] = Field(description="locked: one mask for all bars")
    input_dropout: Share
    layer_norm: bool
    residual: bool
    pooling: Literal["last", "mean", "attention", "multi_head"]
    heads: int = Field(ge=1, le=MANY, description="of multi_head")
    skip_rows: int = Field(ge=0, le=MANY, description="newest bars with a linear way to the logits")
    skip_start: Literal["logistic", "random"] = Field(description="weights of that way at first")
    features: str = Field(min_length=1, description="all, or groups: returns+volume")

    @property
    def width(self) -> int:
        """Return the number of states of a layer at a bar."""
        return self.hidden_dim * (2 if self.bidirectional else 1)

    @property
    def dropouts(self) -> tuple[float, ...]:
        """Return the dropout of each layer."""
        if isinstance(self.dropout, tuple):
            return self.dropout
        return (self.dropout,) * self.num_layers

    def network_misfits(self) -> list[str]:
        """Return what makes this a network that cannot be built, as `key: what is wrong`."""
        faults = []
        if self.pooling == "multi_head" and self.width % self.heads:
            allowed = [heads for heads in range(1, self.width + 1) if self.width % heads == 0]
            faults.append(
                f"heads: {self.heads} does not divide the width of {self.width}; "
                f"those that do: {', '.join(map(str, allowed))}"
            )
        if len(self.dropouts) != self.num_layers:
            faults.append(
                f"dropout: {len(self.dropouts)} values for {self.num_layers} layers; give one for "
                "each, or a single one"
            )
        return faults


class BaselineParams(Block):
    """The configuration to beat, also trial 0 of the study; all else as in model and training."""

    cell: Cell
    hidden_dim: int = Field(ge=1, le=4096)
    num_layers: int = Field(ge=1, le=MOST_LAYERS)
    dropout: Share | tuple[Share, ...]
    learning_rate: float = Field(gt=0, le=1)
    batch_size: int = Field(ge=1, le=MANY)
