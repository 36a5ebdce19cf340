"""The seventh corpus: true paragraphs of its world "callctr", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    I, H, A_, J, T, G, F, C, K, U, M = w.ic, w.ht, w.ab, w.ji, w.tb, w.ag, w.sf, w.cr, w.cb, w.su, w.dm
    a = lambda *x: w.A(*x)
    wh = ["policy-sync", "s.brandt", "m.ortega"]
    p = lambda x: n(x, *[y for y in wh if y != x])
    ap = lambda: n("agent-desk-pool", "billing-hotline")
    bh = lambda: n("billing-hotline", "agent-desk-pool")
    sf = lambda: n("desk-signin-failures", "voice-hold-time")
    vh = lambda: n("voice-hold-time", "desk-signin-failures")
    le = lambda: n("leipzig", "rostock", inv=False)
    ro = lambda: n("rostock", "leipzig", inv=False)
    a(
        f"Both are fine again since {t('14:30','14:30')}, when Callback list was under its limit of {v('350',350)} (F4). On the agents side, Agents signed in was under its limit of {v('180',180)} from {t('11:10','11:10')} to {t('13:20','13:20')} (F1). On the callers side, Hold time p90 was over its limit of {v('240 s',240)} from {t('11:30','11:30')} to {t('13:50','13:50')} (F5).",
        f"The dashboard agents went first, the dashboard callers followed {d('20 minutes',20)} later: Agents signed in fell below {v('180',180)} at {t('11:10','11:10')} (F1), Abandoned calls rose over {v('9 %',9)} at {t('11:30','11:30')} (F2). The recovery has the same order, {t('13:20','13:20')} for Agents signed in (F1) and {t('13:50','13:50')} for Abandoned calls (F2).",
        f"Dashboard **agents**\n- Agents signed in: lowest {v('102',G,'min')} at {t('11:30',at=(G,'min'))} (F1)\n- Sign-in failures: highest {v('140',F,'max')} at {t('11:50',at=(F,'max'),tol=.06)} (F3)\n- Callback list: highest {v('629',K,'max')} at {t('13:50',at=(K,'max'))} (F4)\n\nDashboard **callers**\n- Hold time p90: highest {v('10.8 min',H,'max')} at {t('12:40',at=(H,'max'),tol=.04)} (F5)\n- Abandoned calls: highest {v('28.7 %',A_,'max')} at {t('13:40',at=(A_,'max'),tol=.05)} (F2)",
        f"More than half of the agents could not work. The mean of Agents signed in was {v('237.5',G,'@10:50')} at {t('10:50',at=(G,'@10:50'))} and {v('104',G,'@11:10')} at {t('11:10',at=(G,'@11:10'))}; that are {v('133.5',133.5)} fewer, or {pc('56 %',56.2)}.".replace(
            "that are", "that is"
        ),
        f"The number of callers was not the reason. Incoming calls had its greatest value with {v('762',I,'max')} at {t('12:30',at=(I,'max'),tol=.03)}, and the mean over the range is {v('700',I,'mean')}, where the usual median is {v('711',I,'usual')}.",
        f"The line quality neither: Voice jitter p95 was at most {v('12.5 ms',J,'max',dirs=(1,0))}, with a limit of {v('30 ms',.03)}, and Trunk bandwidth at most {v('39.2 MB/s',T,'max',dirs=(1,0))}.",
        f"Directly before stands a change of {ap()}: {p('policy-sync')} updated the user pool at {t('10:56','10:56')}, {d('14 minutes',14)} before Sign-in failures went over {v('25',25)} at {t('11:10','11:10')} (F3). {p('s.brandt')} updated {ap()} at {t('13:12','13:12')}, {d('8 minutes',8,step=1)} before Sign-in failures was under {v('25',25)} at {t('13:20','13:20')} (F3).",
        f"{p('m.ortega')} changed the maximum of {bh()} at {t('12:05','12:05')}, {d('35 minutes',35)} after Hold time p90 went over its limit at {t('11:30','11:30')} (F5). So this was rather a reaction than a reason.",
        f"Callers waited long. Hold time p90 was highest with {v('10.8 min',H,'max')} at {t('12:40',at=(H,'max'),tol=.04)} (F5), {ra('9.5 times',648/68)} the usual median of {v('68 s',H,'usual')}, and over its limit of {v('240 s',240)} in {c('14',14)} of {c('14',14,big=False)} values (F5).",
        f"Abandoned calls: in the 20 minutes from {t('11:10',at=(A_,'@11:10'))} a mean of {v('3 %',A_,'@11:10')}, in the 20 minutes from {t('11:30',at=(A_,'@11:30'))} {v('26.1 %',A_,'@11:30')}, {v('23.1',23.1)} percentage points more. At {t('13:50',at=(A_,'@13:50'),later=False)} the mean of Abandoned calls was {v('3 %',A_,'@13:50')} again.",
        f"The Callback list still had work when all others had finished. Callback list was over its limit of {v('350',350)} from {t('12:50','12:50')} to {t('14:30','14:30')} (F4), {d('1 h 40 min',100)}, and at {t('15:10',at=(K,'@15:10'),later=False)} its mean was {v('27',K,'@15:10')}.",
        f"According to the log, `token_expired` with client 4.1 has {c('1,418',1418)} rows in {le()} and {c('553',553)} in {ro()}, together {c('1,971',1971)} of {c('2,206',2206)}, {pc('89 %',89.35)}. With client 4.0 there are only `mfa_timeout` rows, {c('172',172)} in {le()} and {c('63',63)} in {ro()}.",
        f"leipzig is affected more: {c('1,418',1418)} rows with `token_expired` in {le()} against {c('553',553)} in {ro()}, {ra('2.6 times',1418/553)} as many. How many agents sit at each site I cannot see, so the rate per agent is unknown.",
        f"Survey mails at {t('10:40',at=(U,'max'))} is the daily batch, with {v('1,930',U,'max')} as at that hour on {c('14',14)} of {c('14',14,big=False)} days before (F12).".replace(
            "the daily batch", "nothing new"
        ),
        f"Token service memory is the metric I would look at next. The mean of Token service memory went from {v('1.939 GB',M,'@10:50')} at {t('10:50',at=(M,'@10:50'))} to {v('3.328 GB',M,'@11:10')} at {t('11:10',at=(M,'@11:10'))}, {ra('1.7 times',3.328/1.939)} as much, and its greatest value was {v('3.36 GB',M,'max')} at {t('13:10',at=(M,'max'),tol=.04)}. Token service memory did not reach its limit of {v('4 GB',4e9)}.",
        f"Agents signed in and Sign-in failures are nearly mirror images (rank correlation {v('-0.99',-.99)} over {c('49',49)} values, F6). Hold time p90 and Abandoned calls go together (rank correlation {v('0.96',.96)} over {c('50',50)} values, F8). From {t('11:10','11:10')}, when Sign-in failures went over its limit (F3), to {t('11:30','11:30')}, when Hold time p90 did (F5), it took {d('20 minutes',20)}.",
        f"Sign-in failures moves {d('1 h 20 min',80)} before Callback list, with rank correlation {v('0.85',.85)} over {c('48',48)} values (F11). Whether callers who gave up asked to be called back is only a guess; the source of the callbacks would show it.",
        f"Still in ALARM are {sf()}, since {t('11:22','11:22')}, for {d('5 h 28 min',328)}, and {vh()}, since {t('11:48','11:48')}, for {d('5 h 2 min',302)}. Their metrics do not justify it any more: Sign-in failures was last {v('2',F,'last')}, Hold time p90 {v('66 s',H,'last')}.",
        f"{sf()} came at {t('11:22','11:22')}, {d('12 minutes',12)} after Sign-in failures went over its limit at {t('11:10','11:10')} (F3). {vh()} came at {t('11:48','11:48')}, {d('18 minutes',18)} after Hold time p90 went over its limit at {t('11:30','11:30')} (F5).",
        f"Customer record lookup p95 had no part in it: least {v('1.33 s',C,'min')}, greatest {v('1.59 s',C,'max')}, mean {v('1.46 s',C,'mean')}, limit {v('5 s',5)}.",
        f"For how long? {d('2 h 10 min',130)} for the agents, Agents signed in under {v('180',180)} from {t('11:10','11:10')} to {t('13:20','13:20')} (F1); {d('2 h 20 min',140)} for the callers, Abandoned calls over {v('9 %',9)} from {t('11:30','11:30')} to {t('13:50','13:50')} (F2).",
        f"The last values, at {t('16:30',at=(G,'last'),x='16:30',tol=.03)}: Agents signed in {v('235',G,'last')} (usual median {v('236',G,'usual')}), Abandoned calls {v('3.5 %',A_,'last')} (usual median {v('3.3 %',A_,'usual')}), Hold time p90 {v('66 s',H,'last')} (usual median {v('68 s',H,'usual')}).",
        f"One can follow it in the Callback list: a mean of {v('100.5',K,'@11:50')} at {t('11:50',at=(K,'@11:50'))}, {v('189',K,'@12:10')} at {t('12:10',at=(K,'@12:10'))}, {v('286.5',K,'@12:30')} at {t('12:30',at=(K,'@12:30'))}. From {v('189',K,'@12:10')} at {t('12:10',at=(K,'@12:10'))} to {v('286.5',K,'@12:30')} at {t('12:30',at=(K,'@12:30'))}, in {d('20 minutes',20)}, Callback list gained {v('97.5',97.5)}.",
        f"Sign-in failures was at {v('140',F,'max')} when it was worst, at {t('11:50',at=(F,'max'),tol=.06)}, {ra('5.6 times',5.6)} its limit of {v('25',25)} (F3). Usual are 1 to {v('4',4)} Sign-in failures (F3).",
        f"Which dashboard is worse off now? None. No metric on callers or agents is outside of its limit at {t('16:30','16:30',earlier=False,later=False)}; for example Token service memory has {v('1.97 GB',M,'last')} of {v('4 GB',4e9)}.",
        f"A last remark about the waiting: from {t('13:20','13:20')}, when Agents signed in was over {v('180',180)} again (F1), to {t('13:50','13:50')}, when Hold time p90 was under {v('240 s',240)} (F5), callers had {d('30 minutes',30)} more to be patient, and Callback list was highest with {v('629',K,'max')} only at {t('13:50',at=(K,'max'))} (F4).",
        f"{n('Abandoned calls','Token service memory',inv=False)} was over its limit in {c('14',14)} of {c('14',14,big=False)} values (F2), {n('Callback list','Sign-in failures',inv=False)} in {c('10',10)} of {c('10',10,big=False)} (F4).",
    )
    w.cause(
        False,
        "Hold time p90 rose because of a marketing campaign.",
        "The survey mails caused the sign-in failures.",
        "A broken headset driver led to the abandoned calls.",
        "Agents were signed out due to an outage of the office network.",
    )
    w.cause(
        True,
        "The update of agent-desk-pool at 10:56 may have shortened the tokens' life; the pool's settings before and after would show it.",
        "Callers possibly gave up because of the long hold time, but the data does not show their reasons.",
        "Perhaps m.ortega's change to billing-hotline was a reaction to the queue.",
        "Whether the missing agents caused the callbacks is not shown by a correlation alone.",
    )
