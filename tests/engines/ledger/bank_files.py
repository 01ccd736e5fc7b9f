"""Bank statements made up for tests, as banks write them: camt.053 in two versions, and the tables of three banks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

NUMBER = "TH4400400123456789"


@dataclass(frozen=True)
class Booked:
    """One line as the bank books it; the amount is signed as the account holder sees it."""

    on: str
    amount: str
    text: str = ""
    reference: str = ""
    value_on: str = ""


MAY = (
    Booked("2004-05-03", "1000.00", "SEED TRANSFER PROGRAMME ACCOUNT", "0503-7781"),
    Booked("2004-05-17", "-250.00", "TRANSFER ctr-00000001 TRANCHE 1", "0517-1120", "2004-05-18"),
    Booked("2004-05-31", "-1.50", "ACCOUNT FEE MAY", "0531-0001"),
)


def camt(
    lines: Sequence[Booked],
    *,
    opening: str = "0.00",
    closing: str = "",
    since: str = "2004-05-01",
    until: str = "2004-05-31",
    number: str = "STMT-2004-05",
    account: str = NUMBER,
    currency: str = "THB",
    version: str = "02",
) -> bytes:
    """A statement in one of the two shapes that the versions have: `Sts` as text, or with its code below it."""
    total = closing or str(Decimal(opening) + sum((Decimal(one.amount) for one in lines), Decimal(0)))
    status = "<Sts>BOOK</Sts>" if int(version) < 8 else "<Sts><Cd>BOOK</Cd></Sts>"
    entries = "".join(_entry(one, currency, status) for one in lines)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">\n'
        "<BkToCstmrStmt>\n"
        "<GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2004-06-01T06:00:00</CreDtTm></GrpHdr>\n"
        f"<Stmt>\n<Id>{number}</Id><ElctrncSeqNb>5</ElctrncSeqNb><CreDtTm>2004-06-01T06:00:00</CreDtTm>\n"
        f"<FrToDt><FrDtTm>{since}T00:00:00</FrDtTm><ToDtTm>{until}T23:59:59</ToDtTm></FrToDt>\n"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>\n"
        f"{_balance('OPBD', opening, since, currency)}{_balance('CLBD', total, until, currency)}"
        f"<TxsSummry><TtlNtries><NbOfNtries>{len(lines)}</NbOfNtries></TtlNtries></TxsSummry>\n"
        f"{entries}</Stmt>\n</BkToCstmrStmt>\n</Document>\n"
    ).encode()


def _balance(code: str, amount: str, day: str, currency: str) -> str:
    side = "DBIT" if amount.startswith("-") else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n'
    )


def _entry(one: Booked, currency: str, status: str) -> str:
    side = "DBIT" if one.amount.startswith("-") else "CRDT"
    reference = f"<AcctSvcrRef>{one.reference}</AcctSvcrRef>" if one.reference else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{one.amount.lstrip("-")}</Amt><CdtDbtInd>{side}</CdtDbtInd>{status}'
        f"<BookgDt><Dt>{one.on}</Dt></BookgDt><ValDt><Dt>{one.value_on or one.on}</Dt></ValDt>{reference}"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
        f"<RmtInf><Ustrd>{one.text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )


# A bank that writes a few lines of its own above, the newest line first, and one signed amount.
POINTS = b"""Riverside Savings Bank
Account;044-1-23456-7
;
Booking date;Value date;Description;Reference;Amount;Balance
31.05.2004;31.05.2004;Account fee May;0531-0001;-1,50;748,50
17.05.2004;18.05.2004;Transfer ctr-00000001;0517-1120;-250,00;750,00
03.05.2004;03.05.2004;Seed transfer;0503-7781;1.000,00;1.000,00
"""

# Money in and money out in two columns, thousands by comma, days with the month in letters, a sum below.
COLUMNS = b"""Date,Particulars,Debit,Credit,Balance
03-May-2004,"SEED TRANSFER, PROGRAMME",,"1,000.00","1,000.00"
17-May-2004,TRANSFER ctr-00000001,250.00,,750.00
31-May-2004,ACCOUNT FEE MAY,1.50,,748.50
,Total,251.50,"1,000.00",
"""

# No balances, the direction beside the amount, written in the old code page.
SIDES = "Fecha;Concepto;Importe;D/C\n03/05/2004;Depósito semilla;1000,00;C\n17/05/2004;Giro;250,00;D\n".encode("cp1252")
