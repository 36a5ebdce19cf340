"""The fifth corpus: true paragraphs of its world "ledger", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    PO, RJ, CM, IO, RL, UI, AP, ST, SW = w.po, w.rj, w.cm, w.io, w.rl, w.rc, w.ap, w.st, w.sw
    y = lambda q: w.P("7 Dec " + q)
    z = lambda q: w.P(q)
    a, b = y("22:30"), z("01:10")
    inc = lambda x: a <= x < b
    Y = lambda q, *k, **o: t(q, y(q), *k, **o)
    Z = lambda q, *k, **o: t(q, z(q), *k, **o)
    m = lambda p, q: (q - p) / MIN
    w.A(
        f"The end of day run was throttled by its database. Write IOPS on the ledger stood at exactly {v('3,000/s',IO,'@7 Dec 22:30')} from {Y('22:30',hold=inc)} to {Z('01:10',hold=inc)}, although {v('7,966/s',7966)} to {v('8,459/s',8459)} are usual when the run begins (F9). Postings that should have been booked by eleven were booked until {Z('01:10')} instead (F5).",
        f"At {Y('20:52')} `cost-guard` modified {n('`ledger-db-prod`','`ledger-db-ro2`')}, {d('98 minutes',m(y('20:52'),a),step=1)} before the run hit the ceiling. At {Z('01:04')} m.brunner modified the same instance, and {d('6 minutes',6,step=1)} later everything was back to usual. The change may therefore have lowered the instance's IOPS; its parameters are not in the data, so please check them.",
        f"Rejections: {v('144',RJ,'max')} in five minutes at the worst point ({Y('23:30',at=(RJ,'max'))}), with a limit of {v('50',50)} and {v('2',RJ,'usual',other=False)} as the usual number. All {c('32',32)} values between {Y('22:30')} and {Z('01:10')} were above the limit (F1).",
        f"Of the {v('4,063',4063,kind='count')} rejected postings in the log, {v('2,871',2871,kind='count')} belong to {n('`interest-accrual`','`card-clearing`','`fx-revaluation`')}, {v('988',988,kind='count')} to {n('`card-clearing`','`fx-revaluation`')} and {v('204',204,kind='count')} to {n('`fx-revaluation`','`card-clearing`')}. The first two failed with {n('`LG-409`','`LG-112`')}, the last with {n('`LG-112`','`LG-409`')}.",
        f"{pc('71 %',2871/4063*100)} of the rejections come from one job, {n('interest-accrual','card-clearing')}. Together with card-clearing it makes {v('3,859',3859,kind='count')} rejections with code LG-409, which is {pc('95 %',3859/4063*100)} of all.",
        f"The replica fell behind twice:\n- from {Y('22:40')} to {Z('01:10')}, up to {v('413 s',RL,'max')} (F2)\n- from {Z('04:20')} to {Z('04:55')}, up to {v('41.5 s',41.5)} (F4)\n\nThe limit is {v('30 s',30)}. These look like two different stories: the second one began {d('4 minutes',4,step=1)} after `backup-plan` took a snapshot of {n('`ledger-db-ro2`','`ledger-db-prod`')} at {Z('04:16')}.",
        f"The second episode was short and small, {d('35 minutes',35)} and {v('41.5 s',41.5)} at most, {ra('10 times',413.1/41.5,ap=.02)} less than the first. It did touch customers a little: balance API latency rose to {v('150 ms',AP,'max')} at {Z('04:50',at=(AP,'max'))}, but stayed under the limit of {v('200 ms',.2)}.",
        f"{n('Unreconciled items','Postings rejected',inv=False)} exceeded {v('1,000',1000)} from {Y('23:25')} to {Z('03:25')}, {d('4 hours',240,step=60)} in all (F3). The peak was {v('2,910',UI,'max')} at {Z('01:35',at=(UI,'max'))}; by the end of the range {v('124',UI,'last')} were left, which is next to the usual {v('118',UI,'usual')}.",
        f"Nobody needs to act now. Every metric that was abnormal during the night ended within its usual band: rejections at {v('1',RJ,'last',other=False)}, replica lag at {v('1.1 s',RL,'last')}, commit latency at {v('13.6 ms',CM,'last')} and write IOPS at {v('941/s',IO,'last')}.",
        f"{n('Commit latency','Balance API latency',inv=False)} told the story first. It went over {v('100 ms',.1)} at {Y('22:30')} and peaked at {v('133 ms',CM,'max')} five minutes later (F7). After {Y('23:00')} it was under the limit again but still around {v('72.7 ms',CM,'@7 Dec 23:00')}, {ra('5.1 times',72.73/14.3,ap=.01)} the usual median of {v('14.3 ms',CM,'usual')}.",
        f"Normally the run is over at eleven. At {Y('22:00',at=(PO,'max'))} postings rose to {v('64,538',PO,'max')}, as they do at that hour on {c('14',14)} of {c('14',14)} days (F16). At {Y('22:45',(PO,'7 Dec 22:45'))} they were down to {v('20,621',20621)}, where {v('59,128',59128)} to {v('63,345',63345)} would be usual (F10).",
        f"Throughput dropped to about a third: in quarter-hour averages, {v('62,090',PO,'@7 Dec 22:15')} postings at {Y('22:15',at=(PO,'@7 Dec 22:15'))} and {v('20,940',PO,'@7 Dec 22:30')} at {Y('22:30',at=(PO,'@7 Dec 22:30'))}, that is {pc('66 %',(1-20940/62090)*100)} less.",
        f"After eleven the backlog was worked off at a level that is far from normal for the time. The greatest value was {v('22,658',22658)} at {Z('00:35',(PO,'00:35'))}; usual then are {v('2,151',2151)} to {v('2,562',2562)} (F5). It lasted {d('2 h 10 min',130)}.",
        f"Two incidents are still open although their metrics have recovered: {n('eod-rejections')} since {Y('22:41')} and {n('ledger-replica-lag')} since {Z('04:27')}, the latter for {d('5 h 3 min',303,step=1)} by now. The alarm behind the second had already fired at {Y('22:44')} and cleared at {Z('01:18')}.",
        f"According to its history {n('ledger-replica-lag','eod-rejections')} was in ALARM for {d('2 h 34 min',m(y('22:44'),z('01:18')),step=1)} during the night and fired again {d('3 h 9 min',m(z('01:18'),z('04:27')),step=1)} later. It does not record a return to OK after {Z('04:27',hold=lambda x:True)}.",
        f"Free storage deserves a ticket, not a page. It has fallen from about {v('686 GB',686e9)} on {t('Tue 24 Nov 08:00',w.P('24 Nov 08:00'),hold=lambda x:abs(x-w.P('24 Nov 08:00'))<20*3600000)} to about {v('597 GB',597e9)}, some {v('6.3 GB',6.3e9)} a day. If that goes on, the limit of {v('200 GB',200e9)} is reached in about {d('63 days',63*1440+60,step=1440)} (F6).",
        f"SWIFT traffic was unaffected. It had its usual trough around midnight ({v('15',SW,'min')} at {Y('23:55',at=(SW,'min'),hold=lambda x: y('23:30')<=x<=z('01:00'))}), then rose towards the morning to {v('249',SW,'max')} at {Z('07:50',at=(SW,'max'))}, the highest of the range.",
        f"What moved together (F11, F12): rejections with commit latency, at a rank correlation of {slot('value','0.93',[('+-10..30 %','0.78'),('value x0.5..2','0.51')])} over {c('88',88)} values, and rejections with replica lag at {slot('value','0.90',[('swap','0.09'),('+-10..30 %','0.72')])}. Timeouts on a saturated disk might explain all three, but the reason behind `LG-409` is not in the data.",
        f"The lag built up evenly. Averages per quarter of an hour were {v('59.7 s',RL,'@7 Dec 22:45')} at {Y('22:45',at=(RL,'@7 Dec 22:45'))}, {v('192 s',RL,'@7 Dec 23:30')} at {Y('23:30',at=(RL,'@7 Dec 23:30'))} and {v('369 s',RL,'@00:30')} at {Z('00:30',at=(RL,'@00:30'))}. The last value before it collapsed was {v('413 s',RL,'^01:00')}.",
        f"How long was each thing wrong? Rejections {d('2 h 40 min',160)}, replica lag {d('2 h 30 min',150)} and later another {d('35 min',35)}, unreconciled items {d('4 h',240,step=60)}, commit latency over its limit for just {d('30 min',30)}.",
        f"{n('Balance API latency','Commit latency',inv=False)} averaged {v('76.1 ms',AP,'mean')} across the range and is at {v('72.8 ms',AP,'last')} now. During the whole end of day incident it was at most {v('77.3 ms',AP,'^01:00',dirs=(1,0))}, so customers who only looked at balances did not notice the incident.",
        f"In the quarter of an hour from {Z('04:30',at=(AP,'@04:30'))} the balance API answered in {v('138 ms',AP,'@04:30')} on average, nearly {ra('1.9 times',138.4/73.2)} the usual {v('73.2 ms',AP,'usual')}. It coincides with the replica's lag of {v('38.1 s',RL,'@04:30')} in the same interval.",
        f"{n('Rejected postings','SWIFT messages',inv=False)} averaged {v('30.5',RJ,'mean',other=False)} per five minutes over the range, but that mixes {c('32',32)} bad values with quiet hours. The median night has {v('2',RJ,'usual',other=False)}, and nine out of ten values lie between {v('1',1)} and {v('4',4)}.",
        f"Unreconciled items stayed flat at roughly {v('2,900',UI,'@03:00')} after the database had recovered at {Z('01:10')} and only cleared at {Z('03:25')}, {d('2 h 15 min',m(b,z('03:25')))} later. Presumably reconciliation runs on its own schedule; I have no data on that.",
        f"I see no sign of a problem before the run. In the {d('98 minutes',98,step=1)} between the change of {Y('20:52')} and {Y('22:30')} commit latency never exceeded {v('23.8 ms',CM,'^7 Dec 22:15',dirs=(1,0))} and replica lag 1.1 s. That fits a ceiling which only matters under load.",
        f"Write IOPS during the incident: {v('3,000/s',IO,'@00:00')}, flat, whereas the first half hour of the run reached {v('8,361/s',IO,'max')} at {Y('22:00',at=(IO,'max'))}. The ceiling is {pc('36 %',3000/8361*100)} of that, and {ra('3.2 times',3000/945,ap=.01)} the usual median of {v('945/s',IO,'usual')}.",
    )
    w.cause(
        False,
        "Postings were rejected because the card scheme sent duplicate files.",
        "The replica lag was caused by a broken network link between the sites.",
        "Commit latency rose due to an antivirus scan on the database host.",
        "A wrong exchange rate led to the unreconciled items.",
    )
    w.cause(
        True,
        "The modification of ledger-db-prod at 20:52 may have caused the ceiling of the write IOPS.",
        "The snapshot that backup-plan took at 04:16 might explain the second lag.",
        "It is possible that m.brunner's change at 01:04 ended the incident.",
        "Whether the rejections result from slow commits cannot be said; they moved together (F11).",
    )


def beside(w):
    """What is derived stands beside what it came from."""
    PO, RJ, CM, IO, RL, UI, AP, ST, SW = w.po, w.rj, w.cm, w.io, w.rl, w.rc, w.ap, w.st, w.sw
    y = lambda q: w.P("7 Dec " + q)
    z = lambda q: w.P(q)
    a, b = y("22:30"), z("01:10")
    inc = lambda x: a <= x < b
    Y = lambda q, *k, **o: t(q, y(q), *k, **o)
    Z = lambda q, *k, **o: t(q, z(q), *k, **o)
    w.A(
        f"Postings were rejected from {Y('22:30')} to {Z('01:10')}, {d('2 h 40 min',160)}, with {v('144',RJ,'max')} postings rejected in the worst five minutes, at {Y('23:30',at=(RJ,'max'))}; the limit is {v('50',50)} (F1). By the end of the range the number was {v('1',RJ,'last',other=False)}, so it is over.",
        f"The write IOPS of the ledger DB fell from {v('8,361/s',IO,'max')} at {Y('22:00',at=(IO,'max'))} to {v('3,000/s',3000)} at {Y('22:30')}, {pc('64 %',(1-3000/8361)*100)} less (F9), and stayed at that value until {Z('01:10',later=False,hold=inc)} (F8). A flat line like that looks like a ceiling.",
        f"`cost-guard` modified {n('`ledger-db-prod`','`ledger-db-ro2`')} at {Y('20:52')}, and write IOPS hit {v('3,000/s',3000)} at {Y('22:30')}, {d('98 minutes',98,step=1)} later. m.brunner modified the same instance at {Z('01:04')}, and write IOPS were usual again at {Z('01:10',later=False)}, {d('6 minutes',6,step=1)} later. Both changes together may explain the start and the end.",
        f"Replica lag was over its limit of {v('30 s',30)} from {Y('22:40',hold=inc)} to {Z('01:10',hold=inc)}, highest {v('413 s',RL,'max')} at {Z('00:55',at=(RL,'max'))} (F2), and once more from {Z('04:20')} to {Z('04:55')}, {d('35 minutes',35)}, highest {v('41.5 s',41.5)} at {Z('04:50')} (F4).",
        f"The second replica lag may come from a snapshot: `backup-plan` created one of {n('`ledger-db-ro2`','`ledger-db-prod`')} at {Z('04:16')}, and replica lag went over its limit at {Z('04:20')}, {d('4 minutes',4,step=1)} later. Balance API latency rose at the same time, from a usual {v('73.2 ms',AP,'usual')} to {v('150 ms',AP,'max')} at {Z('04:50',at=(AP,'max'))}, {ra('2 times',150/73.2,ap=.03)} as much.",
        f"Of {v('4,063',4063,kind='count')} rejected postings, {v('2,871',2871,kind='count')} were of {n('`interest-accrual`','`card-clearing`')}, {pc('71 %',2871/4063*100)}; {v('988',988,kind='count')} of {n('`card-clearing`','`fx-revaluation`')}, {pc('24 %',988/4063*100)}; and {v('204',204,kind='count')} of {n('`fx-revaluation`','`interest-accrual`')}, {pc('5 %',204/4063*100)}.",
        f"Unreconciled items rose from a usual {v('118',UI,'usual')} to {v('2,910',UI,'max')} at {Z('01:35',at=(UI,'max'))}, {ra('25 times',2910/118)} as many, and were over the limit of {v('1,000',1000)} from {Y('23:25')} to {Z('03:25')}, {d('4 hours',240,step=60)} (F3). Now there are {v('124',UI,'last')}.",
        f"Two alarms are still open: {n('eod-rejections')} since {Y('22:41')} and {n('ledger-replica-lag')} since {Z('04:27')}. The metrics behind both, postings rejected ({v('1',RJ,'last',other=False)}) and replica lag ({v('1.1 s',RL,'last')}), are usual again; somebody may resolve them.",
        f"Not urgent: the free storage of the ledger DB fell from about {v('686 GB',686e9)} on {t('Tue 24 Nov 08:00',w.P('24 Nov 08:00'),hold=lambda x:abs(x-w.P('24 Nov 08:00'))<20*3600000)} to about {v('597 GB',597e9)} today, {v('89 GB',89e9)} less, and reaches the limit of {v('200 GB',200e9)} in about {d('63 d 1 h',63*1440+60,step=60)} at this rate (F6).",
        f"Commit latency p95 went from a usual {v('14.3 ms',CM,'usual')} to {v('133 ms',CM,'max')} at {Y('22:35',at=(CM,'max'))}, {ra('9.3 times',133/14.3)} as much, and was over its limit of {v('100 ms',.1)} from {Y('22:30')} to {Y('23:00')} (F7). Its last value is {v('13.6 ms',CM,'last')}.",
        f"The rise of postings booked to {v('64,538',PO,'max')} at {Y('22:00',at=(PO,'max'))} is normal, it happened at that hour on {c('14',14)} of {c('14',14)} days before (F16). Abnormal was that postings booked fell to {v('20,621',20621)} at {Y('22:45',(PO,'7 Dec 22:45'))}, where {v('59,128',59128)} to {v('63,345',63345)} are usual (F10).",
    )
