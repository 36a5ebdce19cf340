"""The seventh corpus: true paragraphs of its world "logpipe", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    I, J = w.il
    A1, A2 = w.dl
    G1, G2 = w.lg
    P1, P2 = w.sp
    B1, B2 = w.bw
    Q, R, H = w.sq, w.ro, w.ih
    a = lambda *x: w.A(*x)
    wh = ["sampling-bot", "k.lindqvist", "disk-saver"]
    p = lambda x: n(x, *[y for y in wh if y != x])
    nr = lambda: n("north-sampling-rules", "south-spool-volume")
    sv_ = lambda: n("south-spool-volume", "north-sampling-rules")
    dn = lambda: n("logs-dropped-north", "logs-lag-south")
    ls = lambda: n("logs-lag-south", "logs-dropped-north")
    N = lambda: n("north", "south", inv=False)
    S = lambda: n("south", "north", inv=False)
    a(
        f"It depends on what hurts you more. North dropped more: the peak of Dropped lines was {v('7,897',A1,'max')} for north at {t('14:10',at=(A1,'max'))} (F1) and {v('2,421',A2,'max')} for south at {t('16:25',at=(A2,'max'))} (F3), so the peak of north was {ra('3.3 times',7897/2421)} that of south. South was late for longer: its Indexing lag was over {v('240 s',240)} from {t('16:00','16:00')} to {t('17:55','17:55')} (F2).",
        f"- **north**: Ingested lines down to {v('42,047/s',42047)} at {t('14:00','14:00',hold=near(I,42047,.06))} (F8), Bulk write time p99 up to {v('2.14 s',B1,'max')} at {t('13:35',at=(B1,'max'))} (F5)\n- **south**: Ingested lines down to {v('16,036/s',J,'min')} at {t('17:15',at=(J,'min'))} (F7), Bulk write time p99 up to {v('3.71 s',B2,'max')} at {t('16:20',at=(B2,'max'))} (F4)\n\nOn both counts south is the worse one.",
        f"South, clearly, when it comes to delay. Indexing lag of south was over its limit of {v('240 s',240)} in {c('23',23)} of {c('23',23,big=False)} values and highest with {v('24 min',G2,'max')} at {t('17:25',at=(G2,'max'))} (F2). Indexing lag of north never went over {v('240 s',240,ok=lambda y:y>105)}; its greatest value was {v('106 s',G1,'max')} at {t('13:10',at=(G1,'max'))}.",
        f"Indexing lag of south climbed at an even pace: a mean of {v('367.3 s',G2,'@16:00')} at {t('16:00',at=(G2,'@16:00'))}, {v('771.7 s',G2,'@16:30')} at {t('16:30',at=(G2,'@16:30'))} and {v('1,174 s',G2,'@17:00')} at {t('17:00',at=(G2,'@17:00'))}. From {v('367.3 s',G2,'@16:00')} at {t('16:00',at=(G2,'@16:00'))} to {v('771.7 s',G2,'@16:30')} at {t('16:30',at=(G2,'@16:30'))}, in {d('30 minutes',30)}, Indexing lag of south gained {v('404.4 s',404.4)}.",
        f"What set south apart was its disk. Spool disk used of south reached {v('96.4 %',P2,'max')} at {t('17:05',at=(P2,'max'))} and was over its limit of {v('85 %',85)} from {t('15:40','15:40')} to {t('17:25','17:25')} (F6). Spool disk used of north had its greatest value with {v('23.5 %',P1,'max')}.",
        f"Nearly all log rows are about south. With reason `spool_full` there are {c('5,772',5772)} rows of index audit and {c('2,981',2981)} of index access, {c('8,753',8753)} of {c('9,046',9046)} that match ({pc('97 %',96.76)}). North has {c('293',293)} rows, with reason `rate_limited`.",
        f"1. {t('12:57','12:57')}: {p('sampling-bot')} puts {nr()}\n2. {t('13:05','13:05')}: Dropped lines of {N()} over its limit (F1)\n3. {t('14:13','14:13')}: {p('k.lindqvist')} puts {nr()}\n4. {t('15:22','15:22')}: {p('disk-saver')} modifies {sv_()}\n5. {t('15:40','15:40')}: Dropped lines of {S()} over its limit (F3)\n6. {t('17:17','17:17')}: {p('k.lindqvist')} modifies {sv_()}",
        f"Each collector had a change of its own shortly before. {p('sampling-bot')} put {nr()} at {t('12:57','12:57')}, {d('8 minutes',8,step=1)} before Dropped lines of north went over {v('600',600)} at {t('13:05','13:05')} (F1). {p('disk-saver')} modified {sv_()} at {t('15:22','15:22')}, {d('18 minutes',18)} before Dropped lines of south went over {v('600',600)} at {t('15:40','15:40')} (F3).",
        f"Both recoveries follow a change by {p('k.lindqvist')}. From {nr()} at {t('14:13','14:13')} to {t('14:20','14:20')}, when Dropped lines of north was under its limit (F1), it took {d('7 minutes',7,step=1)}. From {sv_()} at {t('17:17','17:17')} to {t('17:25','17:25')}, when Dropped lines of south was under its limit (F3), it took {d('8 minutes',8,step=1)}.",
        f"South lost the larger part of its traffic. The mean of Ingested lines of south went from {v('44,740/s',J,'@15:15')} at {t('15:15',at=(J,'@15:15'))} to {v('16,850/s',J,'@15:45')} at {t('15:45',at=(J,'@15:45'))}, {pc('62 %',62.34)} less. The mean of Ingested lines of north went from {v('59,430/s',I,'@12:45')} at {t('12:45',at=(I,'@12:45'))} to {v('41,960/s',I,'@13:15')} at {t('13:15',at=(I,'@13:15'))}, {pc('29 %',29.4)} less.",
        f"People who searched noticed neither. Search query time p95 stayed between {v('0.84 s',Q,'min',dirs=(0,1))} and {v('1.02 s',Q,'max',dirs=(1,0))}; its limit is {v('4 s',4)}. The last value of Search query time p95 is {v('0.92 s',Q,'last')}.",
        f"Do not count Index rollovers as a symptom: it rose to {v('129',R,'max')} at {t('16:00',at=(R,'max'))}, as at that hour on {c('10',10)} of {c('10',10,big=False)} days before (F14).",
        f"Neither alarm has cleared. {dn()} has been in ALARM since {t('13:14','13:14')}, for {d('5 h 31 min',331)}, while the last value of Dropped lines of north is {v('64',A1,'last')}. {ls()} has been in ALARM since {t('16:08','16:08')}, for {d('2 h 37 min',157)}, while the last value of Indexing lag of south is {v('35 s',G2,'last')}.",
        f"Bulk write time p99 tells the same: south {v('3.71 s',B2,'max')} at its highest (F4), {ra('9 times',3714/414)} its usual median of {v('414 ms',B2,'usual')}; north {v('2.14 s',B1,'max')} at its highest (F5), {ra('5.8 times',2144/372)} its usual median of {v('372 ms',B1,'usual')}.",
        f"They did not fail together. Ingested lines of north was back to usual at {t('14:20','14:20')} (F8), and Ingested lines of south left its usual range at {t('15:40','15:40')} (F7), {d('1 h 20 min',80)} after {t('14:20','14:20')}. I see nothing that connects the two.",
        f"After the drops had ended, south still had to catch up. Dropped lines of south was under its limit at {t('17:25','17:25')} (F3), Indexing lag of south at {t('17:55','17:55')} (F2): {d('30 minutes',30)} from {t('17:25','17:25')} to {t('17:55','17:55')}.",
        f"Summed up over the range, north lost more. The mean of Dropped lines since 11:00 is {v('1,261',A1,'mean')} for north and {v('542',A2,'mean')} for south, {ra('2.3 times',1261/542)} as much for north.",
        f"For north, Ingested lines and Indexing lag moved in opposite direction (rank correlation {v('-0.98',-.98)} over {c('53',53)} values, F9), and Indexing lag and Bulk write time p99 in the same direction (rank correlation {v('0.97',.97)} over {c('53',53)} values, F10). For south there is no such finding.",
        f"Right now they are hard to tell apart. Means of the 15 minutes from {t('18:30',at=(B2,'@18:30'),tol=.03)}: Bulk write time p99 {v('369.7 ms',B1,'@18:30')} (north) and {v('407.3 ms',B2,'@18:30')} (south); Indexing lag {v('27 s',G1,'@18:30')} (north) and {v('30.67 s',G2,'@18:30')} (south); Spool disk used {v('22.7 %',P1,'@18:30')} (north) and {v('28 %',P2,'@18:30')} (south).",
        f"The indexers were not short of memory. Indexer heap was at {v('14 GB',H,'max',dirs=(1,0))} at most, its limit is {v('24 GB',24e9)}, and its mean over the range is {v('13.6 GB',H,'mean')}.",
        f"If audit logs matter most to you, south is worse: {c('5,772',5772)} of the {c('9,046',9046)} matching rows, {pc('64 %',63.8)}, have reason `spool_full` and index audit, all of them at {S()}. For index access there are {c('2,981',2981)} rows with `spool_full`.",
        f"For south the page came late. Dropped lines of south was over {v('600',600)} from {t('15:40','15:40')} on (F3), and {ls()} went into ALARM at {t('16:08','16:08')}, {d('28 minutes',28)} after {t('15:40','15:40')}. For north, {dn()} went into ALARM at {t('13:14','13:14')}, {d('9 minutes',9,step=1)} after Dropped lines of north went over {v('600',600)} at {t('13:05','13:05')} (F1).",
        f"Ingested lines of south fell to {v('16,036/s',J,'min')} at {t('17:15',at=(J,'min'))}; usual at that hour are {v('41,420/s',41420)} to {v('44,669/s',44669)} (F7). Ingested lines of north fell to {v('42,047/s',42047)} at {t('14:00','14:00',hold=near(I,42047,.06))}; usual at that hour are {v('58,532/s',58532)} to {v('62,981/s',62981)} (F8).",
        f"Side by side in the middle of each incident, as means of 15 minutes. North at {t('14:00',at=(A1,'@14:00'),tol=.09)}: Ingested lines {v('43,230/s',I,'@14:00')}, Dropped lines {v('7,569',A1,'@14:00')}, Bulk write time p99 {v('1,914 ms',B1,'@14:00')}. South at {t('16:45',at=(A2,'@16:45'),tol=.12)}: Ingested lines {v('16,810/s',J,'@16:45')}, Dropped lines {v('2,187',A2,'@16:45')}, Bulk write time p99 {v('3,272 ms',B2,'@16:45')}.",
        f"Both are quiet. Since {t('17:30','17:30',later=False,earlier=False)} the mean of Dropped lines of north was {v('92.67',A1,'@17:30',dirs=(1,0))} at most and that of Dropped lines of south {v('66.33',A2,'@18:30',dirs=(1,0))} at most; the limit is {v('600',600)} for each.",
        f"Counted in time over the limit of Dropped lines, south was down longer: {d('1 h 45 min',105)} from {t('15:40','15:40')} to {t('17:25','17:25')}, in {c('21',21)} of {c('21',21,big=False)} values (F3), against {d('1 h 15 min',75)} from {t('13:05','13:05')} to {t('14:20','14:20')}, in {c('15',15)} of {c('15',15,big=False)} values (F1), for north.",
        f"Spool disk used of south jumped from a mean of {v('27.87 %',P2,'@15:15')} at {t('15:15',at=(P2,'@15:15'))} to {v('94.33 %',P2,'@15:45')} at {t('15:45',at=(P2,'@15:45'))}. {p('disk-saver')} had modified {sv_()} at {t('15:22','15:22')}, in between. A smaller volume would explain a fuller spool; the volume's size before and after would settle it.",
    )
    w.cause(
        False,
        "North dropped lines because a network switch lost packets.",
        "The index rollovers caused the lag of south.",
        "A spike of debug logging led to the full spool.",
        "South fell behind due to a certificate that had expired.",
    )
    w.cause(
        True,
        "The modification of south-spool-volume at 15:22 may have filled the spool; the volume's size before and after would show it.",
        "Perhaps the sampling rules put at 12:57 were too strict for north.",
        "North was possibly throttled because of its new sampling rules, which the rules' text would show.",
        "It cannot be told from this data whether the drops of south were caused by the full spool.",
    )
