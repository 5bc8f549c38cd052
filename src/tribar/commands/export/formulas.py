"""What each feature is, in words that another language can follow."""

from tribar.market.indicators import TIME_CONSTANTS

NOTATION = (
    "x[k] is x of the bar k bars before the value's own, x[0] that of its own; means are over the "
    "k that are named, and so are deviations, which are the population's; ln is the natural "
    "logarithm; prices are as prepare adjusts them, timestamps local in definition.timezone"
)
FORMULAS = {
    "return": "ln(close[0] / close[N])",
    "volatility": "deviation of ln(close[k] / close[k+1]), k = 0 ... N-1",
    "parkinson": "sqrt(mean of ln(high[k] / low[k])^2 / (4 ln 2)), k = 0 ... N-1",
    "garman_klass": "sqrt(max(0, mean of ln(high[k] / low[k])^2 / 2 "
    "- (2 ln 2 - 1) ln(close[k] / open[k])^2)), k = 0 ... N-1",
    "close_location": "(close[0] - low[0]) / (high[0] - low[0]); 0.5 if high[0] = low[0]",
    "gap": "ln(open[0] / close[1])",
    "volume_zscore": "(v[0] - mean of v[k]) / deviation of v[k], k = 0 ... N-1, where v[k] is the "
    "ln of the newest volume above 0 of the bars k ... k+N; 0 if a v[k] has none, or the "
    "deviation is below 1e-9",
    "rsi": "g / (g + l), where g and l are the sums of (1 - 1/N)^k max(m[k], 0) and "
    f"(1 - 1/N)^k max(-m[k], 0), m[k] = close[k] - close[k+1], k = 0 ... {TIME_CONSTANTS}N-1; "
    "0.5 if g + l = 0",
    "macd": "(f - s - g) / close[0], where f, s and g are exponential averages with spans F, S and "
    "G of close, of close and of f - s: a := a + 2 / (span + 1) (x - a) from the oldest of the "
    "feature's bars to its own, before which f = s = that bar's close and g = 0",
    "bollinger": "(close[0] - m) / (2 d), m the mean and d the deviation of close[k], "
    "k = 0 ... N-1; 0 if d < 1e-9 m",
    "atr": "mean of max(high[k], close[k+1]) - min(low[k], close[k+1]), each with the weight "
    f"(1 - 1/N)^k, k = 0 ... {TIME_CONSTANTS}N-1, over close[0]",
    "day_of_week_sin": "sin(2 pi d / 7), d the days since Monday of the bar's timestamp",
    "day_of_week_cos": "cos(2 pi d / 7), d the days since Monday of the bar's timestamp",
    "month_sin": "sin(2 pi m / 12), m the months since January of the bar's timestamp",
    "month_cos": "cos(2 pi m / 12), m the months since January of the bar's timestamp",
    "time_of_day_sin": "sin(2 pi s), s the share of the day until the bar's timestamp",
    "time_of_day_cos": "cos(2 pi s), s the share of the day until the bar's timestamp",
}
"""By family, in the notation of `NOTATION`."""
