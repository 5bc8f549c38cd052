"""Files as vendors write them are read without a parameter: a few lines of each."""

import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather as pa_feather
import pytest

from tests.market.sources.factories import as_frame, put
from tribar.market.sources.bars import read_bars


@dataclass(frozen=True)
class Vendor:
    """A file's text, and what is right: its first and last bar, as symbol, time, prices, volume."""

    text: str
    first: str
    last: str
    name: str = "X.csv"
    bars: int = 3


VENDORS = {
    "Yahoo Finance, download": Vendor(
        "Date,Open,High,Low,Close,Adj Close,Volume\n"
        "2024-01-02,10,12,9,11,5.5,100\n2024-01-03,11,13,10,12,6,200\n2024-01-04,12,14,11,13,6.5,300\n",
        "X 2024-01-02T00:00 5 6 4.5 5.5 100", "X 2024-01-04T00:00 6 7 5.5 6.5 300",
    ),
    "Yahoo Finance, rows without prices": Vendor(
        "Date,Open,High,Low,Close,Adj Close,Volume\n2012-07-31,10,12,9,11,11,100\n"
        "2012-08-01,null,null,null,null,null,null\n2012-08-02,11,13,10,12,12,200\n",
        "X 2012-07-31T00:00 10 12 9 11 100", "X 2012-08-02T00:00 11 13 10 12 200", bars=2,
    ),
    "yfinance, three lines of names": Vendor(
        "Price,Close,High,Low,Open,Volume\nTicker,SPY,SPY,SPY,SPY,SPY\nDate,,,,,\n"
        "2024-01-02,11,12,9,10,100\n2024-01-03,12,13,10,11,200\n2024-01-04,13,14,11,12,300\n",
        "SPY 2024-01-02T00:00 10 12 9 11 100", "SPY 2024-01-04T00:00 12 14 11 13 300",
    ),
    "yfinance, several symbols": Vendor(
        "Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume\n"
        "Ticker,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT\nDate,,,,,,,,,,\n"
        "2024-01-02,11,21,12,22,9,19,10,20,100,200\n2024-01-03,12,22,13,23,10,20,11,21,100,200\n",
        "AAPL 2024-01-02T00:00 10 12 9 11 100", "MSFT 2024-01-03T00:00 21 23 20 22 200", bars=4,
    ),
    "yfinance, grouped by symbol, one not yet listed": Vendor(
        ",AAPL,AAPL,AAPL,AAPL,MSFT,MSFT,MSFT,MSFT\n,Open,High,Low,Close,Open,High,Low,Close\n"
        "Date,,,,,,,,\n2024-01-02,10,12,9,11,,,,\n2024-01-03,11,13,10,12,20,22,19,21\n",
        "AAPL 2024-01-02T00:00 10 12 9 11", "MSFT 2024-01-03T00:00 20 22 19 21",
    ),
    "yfinance, history with offsets": Vendor(
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n"
        "2024-03-08 00:00:00-05:00,10,12,9,11,100,0.0,0.0\n"
        "2024-03-11 00:00:00-04:00,11,13,10,12,200,0.0,0.0\n"
        "2024-03-12 00:00:00-04:00,12,14,11,13,300,0.5,0.0\n",
        "X 2024-03-08T05:00 10 12 9 11 100", "X 2024-03-12T04:00 12 14 11 13 300",
    ),
    "Binance klines, milliseconds": Vendor(
        "1727740800000,10,12,9,11,100,1727744399999,5,1,2,3,0\n"
        "1727744400000,11,13,10,12,200,1727747999999,5,1,2,3,0\n"
        "1727748000000,12,14,11,13,300,1727751599999,5,1,2,3,0\n",
        "X 2024-10-01T00:00 10 12 9 11 100", "X 2024-10-01T02:00 12 14 11 13 300",
    ),
    "Binance klines, microseconds": Vendor(
        "1735689600000000,10,12,9,11,100,1735693199999999,5,1,2,3,0\n"
        "1735693200000000,11,13,10,12,200,1735696799999999,5,1,2,3,0\n"
        "1735696800000000,12,14,11,13,300,1735700399999999,5,1,2,3,0\n",
        "X 2025-01-01T00:00 10 12 9 11 100", "X 2025-01-01T02:00 12 14 11 13 300",
    ),
    "Binance klines, with names": Vendor(
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
        "taker_buy_quote_volume,ignore\n"
        "1727740800000,10,12,9,11,100,1727744399999,5,1,2,3,0\n"
        "1727744400000,11,13,10,12,200,1727747999999,5,1,2,3,0\n"
        "1727748000000,12,14,11,13,300,1727751599999,5,1,2,3,0\n",
        "X 2024-10-01T00:00 10 12 9 11 100", "X 2024-10-01T02:00 12 14 11 13 300",
    ),
    "Kraken OHLCVT": Vendor(
        "1727740800,10,12,9,11,0.5,7\n1727744400,11,13,10,12,1.5,8\n1727748000,12,14,11,13,2.5,9\n",
        "X 2024-10-01T00:00 10 12 9 11 0.5", "X 2024-10-01T02:00 12 14 11 13 2.5",
    ),
    "klines with a trailing comma": Vendor(
        "1727740800,10,12,9,11,0.5,\n1727744400,11,13,10,12,1.5,\n1727748000,12,14,11,13,2.5,\n",
        "X 2024-10-01T00:00 10 12 9 11 0.5", "X 2024-10-01T02:00 12 14 11 13 2.5",
    ),
    "names without the trailing comma of the rows": Vendor(
        "time,open,high,low,close,volume\n1727740800,10,12,9,11,0.5,\n1727744400,11,13,10,12,1.5,\n"
        "1727748000,12,14,11,13,2.5,\n",
        "X 2024-10-01T00:00 10 12 9 11 0.5", "X 2024-10-01T02:00 12 14 11 13 2.5",
    ),
    "MetaTrader 5": Vendor(
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\r\n"
        "2024.01.02\t00:00:00\t1.1\t1.3\t1.0\t1.2\t545\t0\t5\r\n"
        "2024.01.02\t00:15:00\t1.2\t1.4\t1.1\t1.3\t979\t0\t5\r\n"
        "2024.01.02\t00:30:00\t1.3\t1.5\t1.2\t1.4\t14\t0\t5\r\n",
        "X 2024-01-02T00:00 1.1 1.3 1.0 1.2 545", "X 2024-01-02T00:30 1.3 1.5 1.2 1.4 14",
    ),
    "MetaTrader 4, no names": Vendor(
        "2024.01.02,00:00,1.10,1.13,1.09,1.12,545\n2024.01.02,00:15,1.12,1.14,1.11,1.13,979\n"
        "2024.01.02,00:30,1.13,1.15,1.12,1.14,14\n",
        "X 2024-01-02T00:00 1.10 1.13 1.09 1.12 545", "X 2024-01-02T00:30 1.13 1.15 1.12 1.14 14",
    ),
    "MetaTrader 5, daily": Vendor(
        "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n"
        "2024.01.02\t1.1\t1.3\t1.0\t1.2\t545\t0\t5\n2024.01.03\t1.2\t1.4\t1.1\t1.3\t979\t0\t5\n"
        "2024.01.04\t1.3\t1.5\t1.2\t1.4\t14\t0\t5\n",
        "X 2024-01-02T00:00 1.1 1.3 1.0 1.2 545", "X 2024-01-04T00:00 1.3 1.5 1.2 1.4 14",
    ),
    "Stooq": Vendor(
        "Date,Open,High,Low,Close,Volume\n2024-01-02,10,12,9,11,100.5\n2024-01-03,11,13,10,12,200\n"
        "2024-01-04,12,14,11,13,300\n",
        "X 2024-01-02T00:00 10 12 9 11 100.5", "X 2024-01-04T00:00 12 14 11 13 300",
    ),
    "Stooq, database": Vendor(
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
        "AAPL.US,60,20240102,160000,10,12,9,11,100,0\nAAPL.US,60,20240102,170000,11,13,10,12,200,0\n"
        "AAPL.US,60,20240102,180000,12,14,11,13,300,0\n",
        "AAPL.US 2024-01-02T16:00 10 12 9 11 100", "AAPL.US 2024-01-02T18:00 12 14 11 13 300",
        name="aapl.us.txt",
    ),
    "Investing.com": Vendor(
        '"Date","Price","Open","High","Low","Vol.","Change %"\n'
        '"01/16/2024","4,765.98","4,772.35","4,782.34","4,747.12","1.5K","-0.37%"\n'
        '"01/12/2024","4,783.83","4,791.18","4,802.40","4,768.98","2.25M","0.08%"\n'
        '"01/11/2024","4,780.24","4,792.13","4,798.50","4,739.58","-","-0.07%"\n',
        "X 2024-01-11T00:00 4792.13 4798.5 4739.58 4780.24 0",
        "X 2024-01-16T00:00 4772.35 4782.34 4747.12 4765.98 1500",
    ),
    "CoinGecko": Vendor(
        "snapped_at,price,market_cap,total_volume\n2024-01-02 00:00:00 UTC,11,900.0,100\n"
        "2024-01-03 00:00:00 UTC,12,,200\n2024-01-04 00:00:00 UTC,13,900.0,300\n",
        "X 2024-01-02T00:00 11 100", "X 2024-01-04T00:00 13 300",
    ),
    "CryptoDataDownload": Vendor(
        "https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,"
        "Volume USD\n1644278400,2022-02-08 00:00:00,BTC/USD,12,14,11,13,300,9000\n"
        "1644192000,2022-02-07 00:00:00,BTC/USD,11,13,10,12,200,8000\n"
        "1644105600,2022-02-06 00:00:00,BTC/USD,10,12,9,11,100,7000\n",
        "BTC/USD 2022-02-06T00:00 10 12 9 11 100", "BTC/USD 2022-02-08T00:00 12 14 11 13 300",
    ),
    "CryptoDataDownload, hours with AM and PM": Vendor(
        "Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD\n"
        "2019-07-01 02-PM,BTCUSD,12,14,11,13,300,9000\n"
        "2019-07-01 01-PM,BTCUSD,11,13,10,12,200,800\n"
        "2019-07-01 12-PM,BTCUSD,10,12,9,11,100,7000\n",
        "BTCUSD 2019-07-01T12:00 10 12 9 11 100", "BTCUSD 2019-07-01T14:00 12 14 11 13 300",
    ),
    "Tushare": Vendor(
        "ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount\n"
        "000001.SZ,20240104,12,14,11,13,12,1,8.3,300,3000\n"
        "000001.SZ,20240103,11,13,10,12,11,1,9.1,200,2000\n"
        "000001.SZ,20240102,10,12,9,11,10,1,10,100,1000\n",
        "000001.SZ 2024-01-02T00:00 10 12 9 11 100", "000001.SZ 2024-01-04T00:00 12 14 11 13 300",
    ),
    "FinRL": Vendor(
        ",date,open,high,low,close,volume,tic,day\n0,2024-01-02,10,12,9,11,100,AAPL,1\n"
        "1,2024-01-02,20,22,19,21,100,MSFT,1\n2,2024-01-03,11,13,10,12,200,AAPL,2\n",
        "AAPL 2024-01-02T00:00 10 12 9 11 100", "MSFT 2024-01-02T00:00 20 22 19 21 100",
    ),
    "Kaggle, S&P 500": Vendor(
        "date,open,high,low,close,volume,Name\n2024-01-02,10,12,9,11,100,AAL\n"
        "2024-01-03,11,13,10,12,200,AAL\n2024-01-02,20,22,19,21,100,AAPL\n",
        "AAL 2024-01-02T00:00 10 12 9 11 100", "AAPL 2024-01-02T00:00 20 22 19 21 100",
    ),
    "Interactive Brokers": Vendor(
        ",date,open,high,low,close,volume,average,barCount\n"
        "0,20240102  09:30:00,10,12,9,11,100,10.5,7\n1,20240102  09:31:00,11,13,10,12,200,11.5,8\n"
        "2,20240102  09:32:00,12,14,11,13,300,12.5,9\n",
        "X 2024-01-02T09:30 10 12 9 11 100", "X 2024-01-02T09:32 12 14 11 13 300",
    ),
    "Interactive Brokers, with the zone": Vendor(
        "date,open,high,low,close,volume,average,barCount\n"
        "20240102 09:30:00 US/Eastern,10,12,9,11,100,10.5,7\n"
        "20240102 09:31:00 US/Eastern,11,13,10,12,200,11.5,8\n"
        "20240702 09:32:00 US/Eastern,12,14,11,13,300,12.5,9\n",
        "X 2024-01-02T14:30 10 12 9 11 100", "X 2024-07-02T13:32 12 14 11 13 300",
    ),
    "Wall Street Journal": Vendor(
        "Date, Open, High, Low, Close\n01/16/24, 4772.35, 4782.34, 4747.12, 4765.98\n"
        "01/12/24, 4791.18, 4802.40, 4768.98, 4783.83\n"
        "01/11/24, 4792.13, 4798.50, 4739.58, 4780.24\n",
        "X 2024-01-11T00:00 4792.13 4798.5 4739.58 4780.24",
        "X 2024-01-16T00:00 4772.35 4782.34 4747.12 4765.98",
    ),
    "CBOE": Vendor(
        "DATE,OPEN,HIGH,LOW,CLOSE\n01/02/1990,17.24,17.24,17.24,17.24\n"
        "01/12/1990,18.19,18.5,18.1,18.2\n01/15/1990,19.22,19.3,19.2,19.25\n",
        "X 1990-01-02T00:00 17.24 17.24 17.24 17.24", "X 1990-01-15T00:00 19.22 19.3 19.2 19.25",
    ),
    "Nasdaq": Vendor(
        "Date,Close/Last,Volume,Open,High,Low\n01/16/2024,$13.50,300,$12,$14,$11\n"
        "01/12/2024,$12.50,200,$11,$13,$10\n01/11/2024,$11.50,100,$10,$12,$9\n",
        "X 2024-01-11T00:00 10 12 9 11.5 100", "X 2024-01-16T00:00 12 14 11 13.5 300",
    ),
    "TradingView": Vendor(
        "time,open,high,low,close,Volume,Volume MA\n1727740800,10,12,9,11,100,NaN\n"
        "1727744400,11,13,10,12,200,150\n1727748000,12,14,11,13,300,250\n",
        "X 2024-10-01T00:00 10 12 9 11 100", "X 2024-10-01T02:00 12 14 11 13 300",
    ),
    "TradingView, ISO times": Vendor(
        "time,open,high,low,close,Plot\n2024-03-08T09:30:00-05:00,10,12,9,11,1\n"
        "2024-03-11T09:30:00-04:00,11,13,10,12,2\n2024-03-12T09:30:00-04:00,12,14,11,13,3\n",
        "X 2024-03-08T14:30 10 12 9 11", "X 2024-03-12T13:30 12 14 11 13",
    ),
    "Alpha Vantage": Vendor(
        "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient\n"
        "2024-01-04,12,14,11,13,6.5,300,0,1\n2024-01-03,11,13,10,12,6,200,0,1\n"
        "2024-01-02,10,12,9,11,5.5,100,0,1\n",
        "X 2024-01-02T00:00 5 6 4.5 5.5 100", "X 2024-01-04T00:00 6 7 5.5 6.5 300",
    ),
    "Alpha Vantage, numbered names": Vendor(
        "date,1. open,2. high,3. low,4. close,5. volume\n2024-01-04,12,14,11,13,300\n"
        "2024-01-03,11,13,10,12,200\n2024-01-02,10,12,9,11,100\n",
        "X 2024-01-02T00:00 10 12 9 11 100", "X 2024-01-04T00:00 12 14 11 13 300",
    ),
    "Dukascopy": Vendor(
        "Gmt time,Open,High,Low,Close,Volume\n02.01.2024 22:00:00.000,1.1,1.3,1.0,1.2,545.3\n"
        "02.01.2024 23:00:00.000,1.2,1.4,1.1,1.3,979\n13.01.2024 00:00:00.000,1.3,1.5,1.2,1.4,14\n",
        "X 2024-01-02T22:00 1.1 1.3 1.0 1.2 545.3", "X 2024-01-13T00:00 1.3 1.5 1.2 1.4 14",
    ),
    "Dukascopy, local time": Vendor(
        "Local time,Open,High,Low,Close,Volume\n"
        "02.01.2024 22:00:00.000 GMT+0100,1.1,1.3,1.0,1.2,545.3\n"
        "30.03.2024 23:00:00.000 GMT+0100,1.2,1.4,1.1,1.3,979\n"
        "31.03.2024 23:00:00.000 GMT+0200,1.3,1.5,1.2,1.4,14\n",
        "X 2024-01-02T21:00 1.1 1.3 1.0 1.2 545.3", "X 2024-03-31T21:00 1.3 1.5 1.2 1.4 14",
    ),
    "HistData": Vendor(
        "20240102 170000;1.10;1.13;1.09;1.12;0\n20240102 170100;1.12;1.14;1.11;1.13;0\n"
        "20240102 170200;1.13;1.15;1.12;1.14;0\n",
        "DAT_ASCII_EURUSD_M1_2024 2024-01-02T17:00 1.10 1.13 1.09 1.12",
        "DAT_ASCII_EURUSD_M1_2024 2024-01-02T17:02 1.13 1.15 1.12 1.14",
        name="DAT_ASCII_EURUSD_M1_2024.csv",
    ),
    "semicolons and decimal commas": Vendor(
        "Date;Open;High;Low;Close;Volume\n02.01.2024;1.100,5;1.200,5;1.000;1.150,25;100\n"
        "03.01.2024;1.150;1.250,5;1.100;1.200,5;200\n15.01.2024;1.200;1.300;1.150;1.250,5;300\n",
        "X 2024-01-02T00:00 1100.5 1200.5 1000 1150.25 100",
        "X 2024-01-15T00:00 1200 1300 1150 1250.5 300",
    ),
    "quantmod": Vendor(
        '"","SPY.Open","SPY.High","SPY.Low","SPY.Close","SPY.Volume","SPY.Adjusted"\n'
        '"2024-01-02",10,12,9,11,100,5.5\n"2024-01-03",11,13,10,12,200,6\n'
        '"2024-01-04",12,14,11,13,300,6.5\n',
        "SPY 2024-01-02T00:00 5 6 4.5 5.5 100", "SPY 2024-01-04T00:00 6 7 5.5 6.5 300",
    ),
    "pandas, an index without a name": Vendor(
        ",Open,High,Low,Close,Volume\n2024-01-02,10,12,9,11,100\n2024-01-03,11,13,10,12,200\n"
        "2024-01-04,12,14,11,13,300\n",
        "X 2024-01-02T00:00 10 12 9 11 100", "X 2024-01-04T00:00 12 14 11 13 300",
    ),
    "FRED, a point where nothing is": Vendor(
        "DATE,VALUE\n2024-01-02,11\n2024-01-03,.\n2024-01-04,13\n",
        "X 2024-01-02T00:00 11", "X 2024-01-04T00:00 13", bars=2,
    ),
    "Barchart, a line below": Vendor(
        'Time,Open,High,Low,Last,Change,Volume\n01/16/2024,12,14,11,13,1,300\n'
        '01/12/2024,11,13,10,12,1,200\n01/11/2024,10,12,9,11,1,100\n'
        '"Downloaded from Barchart.com as of 01-17-2024 02:11am CST"\n',
        "X 2024-01-11T00:00 10 12 9 11 100", "X 2024-01-16T00:00 12 14 11 13 300",
    ),
    "Coinbase, no names": Vendor(
        "1727740800,9,12,10,11,100\n1727744400,10,13,11,12,200\n1727748000,11,14,12,13,300\n",
        "X 2024-10-01T00:00 10 12 9 11 100", "X 2024-10-01T02:00 12 14 11 13 300",
    ),
}  # fmt: skip


def _said(path: Path) -> list[str]:
    """Return each bar that is read as a line: symbol, time, prices, volume."""
    table = as_frame(read_bars(path, max_gap_days=1000))
    times = table["timestamp"].dt.strftime("%Y-%m-%dT%H:%M")
    numbers = [name for name in table if name not in ("symbol", "timestamp")]
    return [
        " ".join([symbol, time, *(f"{value:g}" for value in row)])
        for symbol, time, row in zip(table["symbol"], times, table[numbers].to_numpy(), strict=True)
    ]


def _shown(line: str) -> str:
    symbol, time, *numbers = line.split()
    return " ".join([symbol, time, *(f"{float(number):g}" for number in numbers)])


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS.keys())
def test_a_vendors_file_is_read_without_a_parameter(tmp_path: Path, vendor: Vendor) -> None:
    said = _said(put(tmp_path / vendor.name, vendor.text))
    assert [said[0], said[-1], len(said)] == [
        _shown(vendor.first),
        _shown(vendor.last),
        vendor.bars,
    ]


PLAIN = VENDORS["Stooq"]
FRAME = pd.read_csv(io.StringIO(PLAIN.text), index_col="Date", parse_dates=True)


def _zip(name: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def _file(path: Path) -> Path:
    match path.name:
        case "X.csv.gz":
            return put(path, gzip.compress(PLAIN.text.encode()))
        case "X.csv.zst":
            return put(path, pa.compress(PLAIN.text.encode(), "zstd", asbytes=True))
        case "X.zip":
            return put(path, _zip("inside.csv", PLAIN.text))
        case "X.parquet":
            FRAME.to_parquet(path)
        case "X.pq":
            FRAME.rename_axis(None).to_parquet(path)
        case "X.feather":
            FRAME.reset_index().to_feather(path)
        case "X.arrow":
            pa_feather.write_feather(pa.table(FRAME.reset_index()), path, "uncompressed")
        case "X.tsv":
            return put(path, PLAIN.text.replace(",", "\t"))
        case "X.txt":
            return put(path, PLAIN.text.replace(",", "  "))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "X.csv.gz",
        "X.csv.zst",
        "X.zip",
        "X.parquet",
        "X.pq",
        "X.feather",
        "X.arrow",
        "X.tsv",
        "X.txt",
    ],
)
def test_a_file_is_read_however_it_is_stored(tmp_path: Path, name: str) -> None:
    said = _said(_file(tmp_path / name))
    assert [said[0], said[-1]] == [_shown(PLAIN.first), _shown(PLAIN.last)]


def test_a_frame_with_names_in_two_levels_is_read_from_parquet(tmp_path: Path) -> None:
    columns = pd.MultiIndex.from_product([["Close", "High", "Low", "Open"], ["AAPL", "MSFT"]])
    days = pd.date_range("2024-01-02", periods=2, name="Date")
    frame = pd.DataFrame([[11, 21, 12, 22, 9, 19, 10, 20.0]] * 2, days, columns)
    frame.iloc[1] += 1
    frame.to_parquet(tmp_path / "X.parquet")
    said = _said(tmp_path / "X.parquet")
    assert said[0] == "AAPL 2024-01-02T00:00 10 12 9 11"
    assert said[-1] == "MSFT 2024-01-03T00:00 21 23 20 22"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32", "cp949"])
def test_a_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    text = PLAIN.text.replace("Volume", "Volume,거래대금").replace("\n2024", ",거래대금\n2024")
    text = text.replace("Volume,거래대금,거래대금", "Volume,거래대금").rstrip("\n") + ",거래대금\n"
    bars = read_bars(put(tmp_path / "X.csv", text.encode(encoding)), max_gap_days=30)
    assert bars.report.ignored_columns == ("거래대금",)
    assert bars.table["close"].tolist() == [11, 12, 13]


def test_monthly_files_are_one_symbol(tmp_path: Path) -> None:
    lines = VENDORS["Binance klines, milliseconds"].text.splitlines(keepends=True)
    for month, line in zip(("2024-10", "2024-11", "2024-12"), lines, strict=True):
        put(tmp_path / f"BTCUSDT-1h-{month}.csv", line)
    bars = read_bars(tmp_path, max_gap_days=30)
    assert (bars.index.symbols, len(bars.table)) == (("BTCUSDT-1h",), 3)
    glob = read_bars(tmp_path / "BTC*-1[12].csv", max_gap_days=30)
    assert len(glob.table) == 2


def test_files_may_count_in_other_units(tmp_path: Path) -> None:
    put(tmp_path / "A-2024-12.csv", VENDORS["Binance klines, milliseconds"].text)
    put(tmp_path / "A-2025-01.csv", VENDORS["Binance klines, microseconds"].text)
    said = _said(tmp_path)
    assert (len(said), said[0][:18], said[-1][:18]) == (
        6,
        "A 2024-10-01T00:00",
        "A 2025-01-01T02:00",
    )
