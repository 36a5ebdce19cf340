"""The third corpus: true paragraphs of its world "dwh", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    F, R, X, U, Q, D, S, T, G = w.lag, w.rows, w.fail, w.cpu, w.q, w.disk, w.spill, w.dur, w.get
    a1 = (w.now - w.P("04:03")) // MIN
    a2 = (w.now - w.P("02:43")) // MIN
    inc = lambda x: w.P("02:30") <= x < w.P("05:45")
    w.A(
        f"No, it did not go well. The load ran normally from {t('01:00','01:00',later=False)} until {t('02:30','02:30')}, then nearly stalled until {t('05:45','05:45')}, and the orders table was up to {v('3.18 h',F,'max')} old at that point (F1). It has caught up since.",
        f"Timeline (+08):\n- {t('01:00','01:00')} load begins as every night (F14)\n- {t('02:24','02:24')} `wlm-tuner` modifies {n('`dwh-wlm-main`','`lake-landing-sg`')}\n- {t('02:30','02:30')} COPY errors, queueing and spilling begin\n- {t('05:41','05:41')} `h.tanaka` modifies the same parameter group\n- {t('05:45','05:45')} errors end",
        f"Rows loaded collapsed: {v('2.79 million',R,'max')} at {t('01:30',at=(R,'max'),tol=.1)}, the peak of the night, and only {v('531,732',R,'03:10')} at {t('03:10',at=(R,'03:10'),hold=inc)}, while {v('2.54',2.54)} to {v('2.79 M',2.79e6)} would be usual at that hour (F5).",
        f"COPY errors are the clearest sign. Usually there is at most one per interval; between {t('02:30','02:30',later=False)} and {t('05:45','05:45',earlier=False)} it was {v('24',X,'^03:30',dirs=(0,1))} or more, and {v('33',X,'max')} at {t('02:40',at=(X,'max'))} for the first time (F2).",
        f"The queue for query slots went over its limit of {v('40',40)} at {t('02:30','02:30')} and held {v('71',Q,'max')} queries at its longest ({t('03:15',at=(Q,'max'),hold=inc)}). Normally about {v('2',Q,'usual')} wait. Now: {v('2',Q,'last')}.",
        f"Queries got slow as a consequence or alongside, I can't say which: p90 was {v('78.2 s',T,'max')} at {t('04:10',at=(T,'max'),hold=lambda x:False)}, where {v('11 s',11)} to {v('14 s',14)} are usual at that hour. The {v('60 s',60)} limit was exceeded in all {c('39',39)} values of the {d('3 h 15 min',195)} (F9).",
        f"Freshness of the orders table:\n- at 02:05: {v('578 s',F,'min')}, the best of the night\n- at {t('05:45',at=(F,'max'))}: {v('3.18 h',F,'max')}, the worst\n- at {t('07:00',at=(F,'last'),x='07:00')}: {v('11.6 min',F,'last')}, within the usual range",
        f"The freshness limit of {v('90 min',5400)} was broken from {t('04:00','04:00')} to {t('06:05','06:05')}, for {d('2 h 5 min',125)}. That is {d('90 minutes',90)} after the load had begun to stall at {t('02:30','02:30')}.",
        f"Spilling exploded. {v('56.6 GB',S,'max')} went to disk in the interval at {t('03:10',at=(S,'max'),tol=.12)} and the mean since midnight is {v('24.1 GB',S,'mean')}, whereas the median is {v('328 MB',S,'usual')} at these hours (F7).",
        f"Curiously the cluster was not busy. CPU dropped to about {v('37 %',U,'@02:30')} at {t('02:30',at=(U,'@02:30'),hold=inc)}, although {v('68.3 %',68.3)} to {v('73.2 %',73.2)} is what you would expect during the load (F6). Its highest value was {v('74.5 %',U,'max')} at {t('01:15',at=(U,'max'),tol=.06)}, before the trouble.",
        f"The parameter group change of {t('02:24','02:24')} came {d('6 minutes',6,step=1)} before the first bad values, and the second change at {t('05:41','05:41')} came {d('4 minutes',4,step=1)} before they ended. A bad WLM setting may explain both; diff the parameter group to be sure.",
        f"Three tables are named in the loader's log: {n('`fact_orders`','`fact_order_lines`','`dim_customer`')} with {c('812',812)} errors, {n('`fact_order_lines`','`fact_orders`')} with {c('264',264)} and `dim_customer` with {c('55',55)}. The first two fail with code 1216, the last one with 1023.",
        f"{pc('72 %',812/1131*100)} of the {c('1131',1131)} matching log records are about fact_orders ({c('812',812)}).",
        f"fact_orders failed {ra('3.1',812/264)} times as often as fact_order_lines.",
        f"Open incidents: {n('orders-freshness','wlm-queue-long')} since {t('04:03','04:03')}, so for {d('3 h 7 min',a1,step=1)}, and {n('wlm-queue-long','orders-freshness')} since {t('02:43','02:43')}, for {d('4 h 27 min',a2,step=1)}. The metrics behind both have been below their limits again since {t('06:05','06:05',later=False)} at the latest.",
        f"The queue alarm came first, at {t('02:43','02:43')}; freshness followed {d('80 minutes',80)} later at {t('04:03','04:03')}.",
        f"Unrelated, but worth a ticket: disk space used is at {v('77.1 %',D,'last')} and grows by {v('0.83 %',.83)} a day. At that rate the limit of {v('85 %',85)} is reached in about {d('9 days',9*1440+600)} (F8).",
        f"Two weeks ago the disk was at {v('65.6 %',65.6)}; today it is at {v('77.2 %',77.2)}. This is {v('11.6',11.6,kind='percent')} percentage points more.",
        f"S3 reads went the same way as the rows: {v('5,656',G,'max')} objects at {t('01:25',at=(G,'max'),tol=.12)} and {v('57',G,'min')} at {t('03:35',at=(G,'min'),hold=lambda x:w.P('03:30')<=x<w.P('05:45'))}. The two metrics correlate with {slot('value','0.98',[('swap','0.89'),('value x0.5..2','0.61')])} over {c('86',86)} values (F11).",
        f"What recurs is fine: the rise of CPU to {v('74.3 %',74.3)} at {t('01:10',x='01:10',hold=lambda x:w.P('01:00')<=x<w.P('02:30'))} and of loaded rows at 01:30 were seen at that hour on {c('14',14)} of 14 days (F14, F15).",
        f"Query duration led freshness by {d('25 min',25)} in the correlation (F12), spilling by {d('20 min',20)} (F13). So the queries were in trouble before the table looked stale, which is what you'd expect whatever the cause.",
        f"At {t('04:00',at=(F,'@04:00'),step=10)} the table was {v('5,798 s',F,'@04:00')} old on average, at {t('05:00',at=(F,'@05:00'),step=10)} {v('9,158 s',F,'@05:00')}. So it aged by {v('56 min',3360)} in an hour, meaning that almost nothing new came in.",
        f"Recovery was quick. At 06:00 freshness still averaged {v('5,172 s',F,'@06:00')}, at {t('06:20',at=(F,'@06:20'),later=False,step=10)} it was {v('661 s',F,'@06:20')}. COPY errors in the last interval: one.",
        f"`lake-landing-sg` had its bucket policy changed by {n('terraform-run','wlm-tuner')} at {t('23:52',w.P('23:52')-DAY,hold=lambda x:x>=w.P('00:00'))} yesterday. As the load worked from {t('01:00','01:00',later=False)} to {t('02:30','02:30',earlier=False)} after that, I don't think it is involved.",
        f"By the numbers, now versus what is usual: query p90 {v('12.1 s',T,'last')} / {v('13.4 s',T,'usual')}, CPU {v('22.7 %',U,'last')} / {v('23.6 %',U,'usual')}, rows {v('115,747',R,'last')} / {v('121,990',R,'usual')}, spilled {v('300 MB',S,'last')} / {v('328 MB',S,'usual')}.",
        f"At its slowest the p90 was {ra('5.8 times',78.2/13.4)} the usual {v('13.4 s',T,'usual')}; averaged since midnight it's {v('40.5 s',T,'mean')}, i.e. {ra('3 times',40.5/13.4)} as long.",
        f"The stall lasted {d('195 minutes',195)}. In it, the queue had between {v('53',Q,'_04:10',dirs=(0,1))} and {v('71',Q,'max',dirs=(1,0))} entries, and {v('2',Q,'^05:50',dirs=(1,0))} at most from {t('05:50','05:50',later=False)} on.",
        f"Should you rerun anything? Check `fact_orders` first: its {c('812',812)} failed COPYs are by far the most. Rows loaded had a mean of {v('683,644',R,'mean')} since midnight, and the last value, {v('115,747',R,'last')}, is inside the usual band.",
    )
    w.cause(
        False,
        "The load stalled because a disk in the cluster died.",
        "COPY errors were caused by malformed CSV files from the shop.",
        "Freshness suffered due to a network partition in the VPC.",
        "A vacuum job led to the long queue.",
    )
    w.cause(
        True,
        "The stall may be the result of wlm-tuner's change of dwh-wlm-main at 02:24.",
        "Freshness probably degraded because rows were loaded so slowly.",
        "It might have ended thanks to h.tanaka's change at 05:41.",
        "The COPY errors could be due to timeouts in the queue, but the data does not show that.",
    )
