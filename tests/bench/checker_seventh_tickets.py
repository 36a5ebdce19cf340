"""The seventh corpus: true paragraphs of its world "tickets", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    O, S, X, W, R, H, P, B, V = w.od, w.sh, w.ex, w.wr, w.rc, w.hp, w.pd, w.rf, w.bc
    a = lambda *x: w.A(*x)
    wh = ["seatmap-pipeline", "h.whitlock", "j.adeyemi"]
    p = lambda x: n(x, *[y for y in wh if y != x])
    ss = lambda: n("seat-service", "seat-lock-redis")
    sr = lambda: n("seat-lock-redis", "seat-service")
    he = lambda: n("seat-holds-expiring", "waiting-room-long")
    wl = lambda: n("waiting-room-long", "seat-holds-expiring")
    al = lambda: n("arena-leeds", "hall-bristol", inv=False)
    hb = lambda: n("hall-bristol", "arena-leeds", inv=False)
    a(
        f"Not before somebody has looked at what {p('seatmap-pipeline')} shipped. It updated {ss()} at {t('09:51','09:51')}, and at {t('09:55','09:55')} Seat hold latency p95 went over its limit of {v('800 ms',.8)}, where it stayed until {t('11:20','11:20')} (F1). Since then the seat service looks healthy.",
        f"Safe by the numbers. Last values: Seat hold latency p95 {v('196 ms',S,'last')}, Expired seat holds {v('21',X,'last')}, Seat lock Redis CPU {v('26.7 %',R,'last')}, Seat map heap {v('2.73 GB',H,'last')}. All four are within what is usual at these hours.",
        f"Odd since 08:00, all of it over by now:\n- Seat hold latency p95 over {v('800 ms',.8)} from {t('09:55','09:55')} to {t('11:20','11:20')}, highest {v('2.33 s',S,'max')} at {t('10:20',at=(S,'max'))} (F1)\n- Expired seat holds over {v('90',90)} from {t('09:55','09:55')} to {t('11:35','11:35')}, highest {v('306',X,'max')} at {t('10:45',at=(X,'max'))} (F2)\n- Waiting room visitors over {v('6,000',6000)} from {t('10:55','10:55')} to {t('11:40','11:40')}, highest {v('9,200',W,'max')} at {t('11:20',at=(W,'max'))} (F5)\n- Seat lock Redis CPU over {v('80 %',80)} from {t('09:55','09:55')} to {t('11:20','11:20')}, highest {v('97.6 %',R,'max')} at {t('11:05',at=(R,'max'))} (F4)",
        f"Sales took the hit. Orders placed averaged {v('611',O,'@09:40')} in the 10 minutes from {t('09:40',at=(O,'@09:40'))} and {v('307',O,'@10:00')} in the 10 minutes from {t('10:00',at=(O,'@10:00'))}, a drop of {pc('50 %',49.75)}. The lowest single value of Orders placed was {v('289',O,'min')} at {t('09:55',at=(O,'min'),tol=.05)}.",
        f"Holding a seat became painfully slow: the mean of Seat hold latency p95 went from {v('177 ms',S,'@09:30')} at {t('09:30',at=(S,'@09:30'))} to {v('2,248 ms',S,'@10:20')} at {t('10:20',at=(S,'@10:20'))}, {ra('12.7 times',2248.5/177)} as much.",
        f"One open question before you ship. {p('h.whitlock')} updated {ss()} at {t('11:14','11:14')}, and from {t('11:14','11:14')} to {t('11:20','11:20')}, in {d('6 minutes',6,step=1)}, Seat hold latency p95 and Seat lock Redis CPU came back under their limits (F1, F4). The data does not say whether that update was a rollback of the update of {ss()} at {t('09:51','09:51')}. Ask first, so that you do not put the same thing back.",
        f"Ignore the spike at the start of the range. Refund batch time rose to {v('546 s',B,'max')} at {t('08:30',at=(B,'max'))}, as at that hour on {c('14',14)} of {c('14',14,big=False)} days before (F12), so it is normal.",
        f"{sr()} is not where it started: {p('j.adeyemi')} modified it at {t('10:26','10:26')}, {d('31 minutes',31)} after {t('09:55','09:55')}, when Seat hold latency p95 went over its limit (F1). Nor did that modification visibly help. Seat lock Redis CPU still had a mean of {v('94.85 %',R,'@11:00')} at {t('11:00',at=(R,'@11:00'))}.",
        f"Memory was close, but held. Seat map heap rose to {v('5.59 GB',5.591e9)} at {t('09:55','09:55')} (F3), twice the usual median of {v('2.74 GB',H,'usual')}, and its greatest value was {v('5.63 GB',H,'max')} at {t('10:30',at=(H,'max'),tol=.045)}. From {v('5.63 GB',H,'max')} to its limit of {v('6 GB',6e9)}, Seat map heap had {v('0.37 GB',.37e9)} left.",
        f"The logs point at one version. With `lock_contention` and version 7.3.0 there are {c('11,970',11970)} rows for {al()} and {c('4,816',4816)} for {hb()}, together {c('16,786',16786)} of {c('18,422',18422)} matching rows, {pc('91 %',91.12)}.",
        f"Two alarms are still in ALARM although their metrics have been quiet for a while: {he()} since {t('10:07','10:07')}, for {d('3 h 13 min',193)}, with Expired seat holds at {v('21',X,'last')}; and {wl()} since {t('11:02','11:02')}, for {d('2 h 18 min',138)}, with Waiting room visitors at {v('422',W,'last')}.",
        f"Headroom at {t('13:10',at=(S,'last'))}: Seat hold latency p95 {v('196 ms',S,'last')} of {v('800 ms',.8)}, Seat lock Redis CPU {v('26.7 %',R,'last')} of {v('80 %',80)}, Seat map heap {v('2.73 GB',H,'last')} of {v('6 GB',6e9)}. I would deploy.",
        f"Waiting room visitors grew like a queue whose door is nearly shut: a mean of {v('3,625',W,'@10:30')} at {t('10:30',at=(W,'@10:30'))} and of {v('4,818',W,'@10:40')} at {t('10:40',at=(W,'@10:40'))}, {v('1,193',1193)} more. It peaked with {v('9,200',W,'max')} Waiting room visitors at {t('11:20',at=(W,'max'))} (F5).",
        f"Seat hold latency p95 was over its limit for {d('1 h 25 min',85)}, from {t('09:55','09:55')} to {t('11:20','11:20')} (F1). Expired seat holds stayed over its limit {d('15 minutes',15)} longer, from {t('11:20','11:20')} to {t('11:35','11:35')} (F2).",
        f"Seat hold latency p95 and Seat lock Redis CPU moved together (rank correlation {v('0.98',.98)} over {c('57',57)} values, F7), and Orders placed went the opposite way of Seat hold latency p95 (rank correlation {v('-0.96',-.96)} over {c('57',57)} values, F8). Neither says which came first. The update of {ss()} at {t('09:51','09:51')} is earlier than all of them.",
        f"Untouched by all this: Ticket PDF time p90, between {v('1.16 s',P,'min',dirs=(0,1))} and {v('1.38 s',P,'max',dirs=(1,0))} with a limit of {v('5 s',5)}, and Venue barcode checks, between {v('47.9/s',V,'min',dirs=(0,1))} and {v('56.1/s',V,'max',dirs=(1,0))}.",
        f"The crowd outlasted the fault. Seat hold latency p95 was under its limit at {t('11:20','11:20')} (F1), but Waiting room visitors only at {t('11:40','11:40')}, {d('20 minutes',20)} after {t('11:20','11:20')} (F5). The mean of Waiting room visitors was {v('7,240',W,'@11:30')} at {t('11:30',at=(W,'@11:30'))} and {v('818',W,'@12:10')} at {t('12:10',at=(W,'@12:10'))}.",
        f"Yes, deploy, and keep three metrics on the screen while you do: Seat hold latency p95 (limit {v('800 ms',.8)}), Seat lock Redis CPU (limit {v('80 %',80)}) and Expired seat holds (limit {v('90',90)}). This morning all three crossed their limits at {t('09:55','09:55')} (F1, F4, F2), {d('4 minutes',4,step=1)} after the update of {ss()} at {t('09:51','09:51')}.",
        f"Expired seat holds: peak {v('306',X,'max')} at {t('10:45',at=(X,'max'))} (F2), usual median {v('21',X,'usual')}, so the peak was {ra('14.6 times',306/21)} the usual. The mean of Expired seat holds over the range is {v('105',X,'mean')}.",
        f"Paging was not instant. {he()} went into ALARM at {t('10:07','10:07')}, {d('12 minutes',12)} after Expired seat holds had gone over {v('90',90)} at {t('09:55','09:55')} (F2). {wl()} went into ALARM at {t('11:02','11:02')}, {d('7 minutes',7,step=1)} after Waiting room visitors had gone over {v('6,000',6000)} at {t('10:55','10:55')} (F5).",
        f"Something was odd, and it has passed. Orders placed fell to {v('305',305)} at {t('11:10','11:10',hold=near(O,305,.06))}, where {v('609',609)} to {v('668',668)} are usual (F6), and was back to usual at {t('11:20','11:20',later=False)} (F6). From {t('11:20','11:20',later=False)} on, the means of Orders placed lie between {v('605',O,'@13:10',dirs=(0,1))} and {v('657.5',O,'@12:00',dirs=(1,0))}.",
        f"Nothing in the last hour speaks against it. From {t('12:20','12:20',later=False,earlier=False)} to {t('13:10','13:10',earlier=False)}, the mean of Seat hold latency p95 was never above {v('196 ms',S,'@13:10',dirs=(1,0))}, and the mean of Expired seat holds never above {v('22.5',X,'@13:00',dirs=(1,0))}.",
        f"{al()} carries most of it: {c('11,970',11970)} rows with `lock_contention` and {c('1,351',1351)} with `hold_lost`, in sum {c('13,321',13321)} of {c('18,422',18422)} matching rows, which is {pc('72 %',72.31)}. The query scanned {v('212 MB',212e6)}.",
        f"Seat lock Redis CPU went from a mean of {v('24.75 %',R,'@09:40')} at {t('09:40',at=(R,'@09:40'))} to {v('93.95 %',R,'@10:00')} at {t('10:00',at=(R,'@10:00'))}, that is {v('69.2',69.2)} percentage points up. Seat lock Redis CPU was over its limit of {v('80 %',80)} in {c('17',17)} of {c('17',17,big=False)} values (F4).",
        f"{p('seatmap-pipeline')} updated {ss()} at {t('09:51','09:51')}, {p('h.whitlock')} updated it at {t('11:14','11:14')}; between {t('09:51','09:51')} and {t('11:14','11:14')} lie {d('1 h 23 min',83)}. Seat hold latency p95 was over its limit from {t('09:55','09:55')} to {t('11:20','11:20')} (F1), which fits both ends. So the first update is the likely trigger and the second one the likely repair, but only their content would show it.",
        f"If the plan is to bring 7.3.0 back, then no. {c('11,970',11970)} rows with `lock_contention` at {al()}, {c('4,816',4816)} with `lock_contention` at {hb()} and {c('1,351',1351)} with `hold_lost` at {al()} name version 7.3.0; only {c('285',285)} rows, `hold_lost` at {hb()}, name version 7.2.4.",
        f"No, the refund job did not slow down the shop. When Refund batch time had a mean of {v('540.5 s',B,'@08:30')} at {t('08:30',at=(B,'@08:30'))}, the mean of Seat hold latency p95 was {v('179.5 ms',S,'@08:30')} and the mean of Orders placed {v('562',O,'@08:30')}, both usual.",
        f"{n('Waiting room visitors','Expired seat holds',inv=False)} was over its limit for {d('45 minutes',45)}, from {t('10:55','10:55')} to {t('11:40','11:40')}, in {c('9',9)} of {c('9',9,big=False)} values (F5). {n('Expired seat holds','Waiting room visitors',inv=False)} was over its limit in {c('20',20)} of {c('20',20,big=False)} values (F2).",
    )
    w.cause(
        False,
        "Orders placed fell because the payment provider throttled the shop.",
        "A surge of bots led to the rise of Waiting room visitors.",
        "The Redis failover caused the slow seat holds.",
        "Expired seat holds rose due to a clock drift on the hosts.",
    )
    w.cause(
        True,
        "The update of seat-service at 09:51 may have made holding seats slow; a comparison of both versions would show it.",
        "Expired seat holds possibly rose because of the high Seat hold latency p95; the log of one hold would show it.",
        "It is likely, though not proven, that the update by h.whitlock at 11:14 ended it.",
        "Whether the larger Seat map heap was caused by the update of seat-service cannot be seen in this data.",
    )
