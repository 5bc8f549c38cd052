"""How vendors name their columns, as data: in each line what is preferred comes first.

Spellings are compared by their letters, without case, and digits alone; a number in front, as in
"1. open", is no part of a name.
"""

import re

SYMBOL = ("symbol", "ticker", "tic", "sym", "ts_code", "instrument", "asset", "pair", "security",
          "ric", "code", "contract", "stock", "market", "name")  # fmt: skip
TIMESTAMP = ("timestamp", "datetime", "date_time", "open_time", "window_start", "begins_at",
             "ts_event", "unix", "unix_timestamp",
             "unix_time", "gmt_time", "time_utc", "utc_time", "local_time", "time_eet", "date",
             "trade_date", "trading_date", "tradingday", "snapped_at", "dt", "ts", "t", "time",
             "index", "day", "period", "")  # fmt: skip
TIME_OF_DAY = ("time", "time_of_day", "hour", "trade_time")
BARS = {
    "open": ("open", "o", "open_price", "opening_price", "price_open", "px_open", "first"),
    "high": ("high", "h", "high_price", "price_high", "px_high", "max"),
    "low": ("low", "l", "low_price", "price_low", "px_low", "min"),
    "close": ("close", "c", "close_price", "closing_price", "price_close", "close_last", "px_last",
              "px_close", "last", "last_price", "price", "value"),
    "adj_close": ("adj_close", "adjusted_close", "close_adj", "adjclose", "adjusted", "adj"),
    "volume": ("volume", "tick_volume", "tickvol", "v", "vol", "total_volume", "volume_base",
               "base_volume", "shares_traded"),
}  # fmt: skip
VOLUME_IN = "volume"
"""Begins the name of a volume in some unit, as in "Volume BTC"; the first such column counts."""
LABELLED = {
    "label": ("label", "labels", "bin"),
    "label_end": ("label_end", "label_end_time", "t1"),
}
UNNAMED = r"(?:unnamed: \d+(?:_level_\d+)?|__index_level_\d+__|level_\d+)?"
"""Names that libraries give to an index without one."""
OPENS = ("open_time", "window_start", "begins_at", "unix", "time", "snapped_at")
"""Times that mark when a bar opens, where a vendor names them so."""


def plain(name: str) -> str:
    """Return a name's letters and digits alone, without case, or that it is none.

    >>> plain("1. Open"), plain("<VOL>"), plain("Unnamed: 0")
    ('open', 'vol', '')
    """
    lower = name.strip().lower()
    if re.fullmatch(UNNAMED, lower):
        return ""
    return "".join(filter(str.isalnum, re.sub(r"^\d+[.:]\s*", "", lower)))
