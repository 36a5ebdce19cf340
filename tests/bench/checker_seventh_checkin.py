"""The seventh corpus: true paragraphs of its world "checkin", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    B, K, L, F, T, Q, G, M, Y, U = w.bp, w.ko, w.pn, w.pf, w.bt, w.sc, w.gs, w.sm, w.ls, w.pu
    a = lambda *x: w.A(*x)
    wh = ["rotation-lambda", "n.farouk", "t.menon"]
    p = lambda x: n(x, *[y for y in wh if y != x])
    gc = lambda: n("gds-gateway-credentials", "kiosk-controller")
    kc = lambda: n("kiosk-controller", "gds-gateway-credentials")
    pf = lambda: n("checkin-passport-failures", "checkin-kiosks-offline")
    kf = lambda: n("checkin-kiosks-offline", "checkin-passport-failures")
    T1 = lambda: n("T1", "T3", inv=False)
    T3 = lambda: n("T3", "T1", inv=False)
    a(
        f"{d('1 h 35 min',95)}, from {t('06:45','06:45')} to {t('08:20','08:20')}, by Passport check failures (F1) and Booking lookup latency p99 (F3). With its tail it was {d('2 hours',120)}, from {t('06:45','06:45')} to {t('08:45','08:45')}, until Seat change queue was under its limit of {v('400',400)} (F5).",
        f"That depends on which symptom you mean:\n* Passport check failures over {v('4 %',4)}: {t('06:45','06:45')} to {t('08:20','08:20')}, {d('95 minutes',95)} (F1)\n* Kiosks online under {v('110',110)}: {t('06:55','06:55')} to {t('08:30','08:30')}, {d('95 minutes',95)} (F4)\n* Seat change queue over {v('400',400)}: {t('07:40','07:40')} to {t('08:45','08:45')}, {d('65 minutes',65)} (F5)\n\nPassport check failures began first, at {t('06:45','06:45')} (F1), and Seat change queue ended last, at {t('08:45','08:45')} (F5).",
        f"It ended at {t('08:20','08:20')} for most of it: Booking lookup latency p99 was under its limit of {v('2 s',2)} (F3), GDS sessions under its limit of {v('950',950)} (F7), and Boarding passes issued back to usual (F2).",
        f"While it lasted, two of three passengers got no pass. The mean of Boarding passes issued fell from {v('393.5',B,'@06:30')} at {t('06:30',at=(B,'@06:30'))} to {v('125',B,'@06:50')} at {t('06:50',at=(B,'@06:50'))}, by {pc('68 %',68.2)}, and was {v('365',B,'@08:20')} again at {t('08:20',at=(B,'@08:20'))}.".replace(
            "two of three passengers got no pass", "far fewer passes were issued"
        ),
        f"The connection to the GDS was full. GDS sessions reached {v('996',G,'max')} at {t('06:45',at=(G,'max'))}, {v('46',46)} over the limit of {v('950',950)}, where {v('474',474)} to {v('523',523)} are usual at that hour (F7).",
        f"The times of the changes fit well. {p('rotation-lambda')} updated {gc()} at {t('06:33','06:33')}, {d('12 minutes',12)} before Passport check failures went over {v('4 %',4)} at {t('06:45','06:45')} (F1). {p('n.farouk')} updated {gc()} again at {t('08:11','08:11')}, {d('9 minutes',9,step=1)} before Passport check failures was under {v('4 %',4)} at {t('08:20','08:20')} (F1).",
        f"No, the reboot did not bring the kiosks back. {p('t.menon')} rebooted {kc()} at {t('07:38','07:38')}; Kiosks online had a mean of {v('72.5',K,'@07:40')} at {t('07:40',at=(K,'@07:40'))} and still of {v('72',K,'@08:10')} at {t('08:10',at=(K,'@08:10'))}. Kiosks online was over {v('110',110)} again at {t('08:30','08:30')} (F4), {d('52 minutes',52)} after {t('07:38','07:38')}.",
        f"At the worst point {v('71',K,'min')} Kiosks online were left, at {t('06:55',at=(K,'min'))}; {v('118',118)} to {v('120',120)} are usual (F4). From {v('118',118)} to {v('71',K,'min')} Kiosks online, that is {v('47',47)} fewer.",
        f"To your second question: T3 had it worse. At step passport with `gds_auth_failed` there are {c('16,204',16204)} rows for {T3()} and {c('7,385',7385)} for {T1()}, {ra('2.2 times',16204/7385)} as many at T3.",
        f"Almost everything in the logs is a failed login to the GDS: `gds_auth_failed` has {c('16,204',16204)} rows at T3 and {c('7,385',7385)} at T1, together {c('23,589',23589)} of {c('27,713',27713)} matching rows, or {pc('85 %',85.12)}. That would suit credentials that no longer matched after the update of {gc()} at {t('06:33','06:33')}.",
        f"Booking lookup latency p99 peaked with {v('6.56 s',L,'max')} at {t('07:55',at=(L,'max'),tol=.05)} (F3), {ra('15 times',14.66)} its usual median of {v('448 ms',L,'usual')}. Booking lookup latency p99 was over its limit of {v('2 s',2)} in {c('19',19)} of {c('19',19,big=False)} values (F3).",
        f"Session cache memory was never critical: it rose to {v('7.48 GB',M,'max')} at {t('08:10',at=(M,'max'),tol=.04)}, unusual since {t('06:45','06:45')}, and stays below its limit of {v('8 GB',8e9)} (F6); from {v('7.48 GB',M,'max')} to {v('8 GB',8e9)} there were {v('0.52 GB',.52e9)} left.",
        f"Load sheet time at {t('05:00',at=(Y,'max'))} is a different story, and a harmless one: {v('420 s',Y,'max')}, as at that hour on {c('14',14)} of {c('14',14,big=False)} days before (F14).",
        f"App notifications sent shows nothing: {v('128/s',U,'min',dirs=(0,1))} to {v('147/s',U,'max',dirs=(1,0))} all morning, mean {v('137/s',U,'mean')}. So the app's sending side was fine.",
        f"Seat change queue came late and grew slowly. The mean of Seat change queue was {v('60.5',Q,'@07:00')} at {t('07:00',at=(Q,'@07:00'))}, {v('251.5',Q,'@07:20')} at {t('07:20',at=(Q,'@07:20'))} and {v('444.5',Q,'@07:40')} at {t('07:40',at=(Q,'@07:40'))}; from {v('251.5',Q,'@07:20')} to {v('444.5',Q,'@07:40')} that is {v('193',193)} more in the queue in {d('20 minutes',20)}.",
        f"Draining took {d('25 minutes',25)}: Seat change queue was highest with {v('821',Q,'max')} at {t('08:20',at=(Q,'max'))} and under its limit of {v('400',400)} at {t('08:45','08:45')} (F5). By {t('09:00',at=(Q,'@09:00'),later=False)} the mean of Seat change queue was {v('34.5',Q,'@09:00')}.",
        f"Both incidents are open, but nothing is wrong any more. {pf()}: in ALARM since {t('06:54','06:54')}, for {d('4 h 41 min',281)}; Passport check failures was last {v('1.31 %',F,'last')}. {kf()}: in ALARM since {t('07:06','07:06')}, for {d('4 h 29 min',269)}; Kiosks online was last {v('118',K,'last')}.",
        f"You were told {d('9 minutes',9,step=1)} late about the passports, at {t('06:54','06:54')} by {pf()} after Passport check failures had crossed {v('4 %',4)} at {t('06:45','06:45')} (F1), and {d('11 minutes',11,step=1)} late about the kiosks, at {t('07:06','07:06')} by {kf()} after Kiosks online had fallen below {v('110',110)} at {t('06:55','06:55')} (F4).",
        f"Bag tags printed lost about half. The mean of Bag tags printed went from {v('270.5',T,'@06:30')} at {t('06:30',at=(T,'@06:30'))} to {v('141.5',T,'@06:50')} at {t('06:50',at=(T,'@06:50'))}, {pc('48 %',47.7)} less, and Bag tags printed was back to usual at {t('08:20','08:20')} (F8).",
        f"It is over. In the 10 minutes from {t('11:20',at=(B,'@11:20'),earlier=False)}, the mean of Boarding passes issued was {v('295.5',B,'@11:20')}, that of Booking lookup latency p99 {v('440.5 ms',L,'@11:20')}, that of Kiosks online {v('119',K,'@11:20')} and that of GDS sessions {v('443.5',G,'@11:20')}.",
        f"Passport check failures and Booking lookup latency p99 rose and fell together (rank correlation {v('0.96',.96)} over {c('61',61)} values, F9), and so did GDS sessions and Session cache memory (rank correlation {v('0.96',.96)} over {c('61',61)} values, F13). Which of them pulled the others is not in these findings.",
        f"The mean of Passport check failures over the range, {v('5.43 %',F,'mean')}, hides how sharp it was. In means of 10 minutes, Passport check failures was {v('1.105 %',F,'@06:30')} at {t('06:30',at=(F,'@06:30'))}, {v('20.63 %',F,'@06:50')} at {t('06:50',at=(F,'@06:50'))}, {v('1.04 %',F,'@08:20')} at {t('08:20',at=(F,'@08:20'))}.",
        f"How many passengers missed a flight is not in the data. What is: Boarding passes issued has a mean of {v('303',B,'mean')} over the range and a usual median of {v('367',B,'usual')} at these hours, so {v('64',64)} fewer in five minutes.",
        f"As long as the passport checks, but shifted. Kiosks online was under its limit from {t('06:55','06:55')} to {t('08:30','08:30')} (F4), Passport check failures over its limit from {t('06:45','06:45')} to {t('08:20','08:20')} (F1), so the kiosks were {d('10 minutes',10)} behind at both ends.",
        f"There may be a second, smaller fault: {c('815',815)} rows at step bag with `printer_offline`, all at {T1()}, {pc('3 %',2.94)} of {c('27,713',27713)}. Credentials for the GDS would not explain these.",
        f"Most likely a rotated secret. {p('rotation-lambda')} updated {gc()} at {t('06:33','06:33')}, and the logs are full of `gds_auth_failed`. To be sure, compare the version of {gc()} from {t('06:33','06:33')} with the one from {t('08:11','08:11')}, which {p('n.farouk')} made.",
        f"{n('Seat change queue','GDS sessions',inv=False)} was over its limit of {v('400',400)} in {c('13',13)} of {c('13',13,big=False)} values, {n('GDS sessions','Seat change queue',inv=False)} over its limit of {v('950',950)} in {c('19',19)} of {c('19',19,big=False)} (F5, F7).".replace(
            " values, ", " values (F5), "
        ).replace(
            " (F5, F7)", " (F7)"
        ),
    )
    w.cause(
        False,
        "Kiosks went offline because the terminal's power failed.",
        "A holiday rush caused the passport check failures.",
        "The load sheets led to the slow booking lookups.",
        "Boarding passes issued fell due to a bug in the mobile app.",
    )
    w.cause(
        True,
        "The update of gds-gateway-credentials at 06:33 may have broken the login to the GDS; the secret's two versions would show it.",
        "Kiosks online possibly fell because of the failing passport checks, as it fell 10 minutes later.",
        "Perhaps the reboot of kiosk-controller had no effect; the data shows none.",
        "Whether the full seat change queue was caused by slow booking lookups would need the queue's log.",
    )
