"""The third corpus: true paragraphs of its world "clinic", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    L, Q, B, E, K, C, U, S, H = w.p95, w.p50, w.bk, w.e5, w.lock, w.dbc, w.cpu, w.sms, w.ehr
    a1 = (w.now - w.P("08:17")) // MIN
    a2 = (w.now - w.P("08:31")) // MIN
    inc = lambda x: w.P("08:10") <= x < w.P("09:35")
    w.A(
        f"Booking was degraded for {d('1 h 25 min',85)} this morning, between {t('08:10','08:10')} and {t('09:35','09:35')} CST. Latency p95 climbed from roughly {v('486 ms',L,'usual')} to a maximum of {v('4.37 s',L,'max')} at {t('08:30',at=(L,'max'),hold=lambda x:False)} (F1). By 11:00 everything in the data was back to normal.",
        f"Patients noticed: instead of the usual {v('142',142)} to {v('162',162)} appointments per five minutes only about {v('40',40,ap=.08)} went through while it lasted, the lowest count being {v('37',B,'min')} (F7).",
        f"After the recovery there was a catch-up wave. Bookings reached {v('239',B,'max')} in the interval at {t('09:50',at=(B,'max'))}, and this phase lasted {d('20 min',20)}, until {t('09:55','09:55')} (F8). At 10:00 the count was an ordinary {v('154',B,'10:00')}.",
        f"The strongest hint is in the database. Lock waits on the schedule DB stood at {v('6',K,'08:05')} at {t('08:05',at=(K,'08:05'),hold=lambda x:not inc(x))} and at {v('149',K,'08:10')} at {t('08:10',at=(K,'08:10'))}; their maximum was {v('154',K,'max')} (F4). Connections hit {v('250',C,'max')} from {t('08:20','08:20')} on, which is above the limit of {v('240',240)} (F5).",
        f"Errors tell the same story: {v('349',E,'max')} HTTP 5xx responses at {t('08:50',at=(E,'max'))}, and never fewer than {v('294',E,'08:25',dirs=(0,1))} per interval during the incident, compared to a usual {v('2',E,'usual')} (F3). The limit is {v('50',50)}.",
        f"Shortly before, at {t('08:04','08:04')}, `schema-migrator` modified the DB instance {n('`schedule-db-1`','`reminder-sender`')}. That is {d('6 minutes',6,step=1)} ahead of the first bad interval, so the migration may well be behind this. The migration's own log would tell which tables it locked.",
        f"d.castellanos rebooted `schedule-db-1` at {t('09:31','09:31')}; {d('4 minutes',4,step=1)} later, at {t('09:35','09:35')}, p95 was down at {v('513 ms',L,'09:35')} and lock waits at {v('3',K,'09:35')}.",
        f"The {n('`reminder-sender`','`schedule-db-1`')} deployment by portal-ci at {t('06:18','06:18')} is almost two hours older and probably unrelated.",
        f"The jump in SMS reminders at 9:00 is **not** part of it. They rose to {v('2,033',S,'max')} at {t('09:05',at=(S,'max'))} as they do at that hour on {c('14',14)} of 14 days (F14), and were back at {v('19',S,'09:15')} by {t('09:15','09:15',later=False)}.",
        f"CPU of the schedule DB was hardly affected: {v('39.8 %',U,'max')} at the highest ({t('09:05',at=(U,'max'),tol=.01)}), {v('35.8 %',U,'mean')} on average, with a limit of {v('85 %',85)}. So this was about waiting, not about computing.",
        f"In the logs {n('`appointment_slot`','`provider_calendar`','`patient_contact`')} leads with {v('4386',4386,kind='count')} lock timeouts, followed by `provider_calendar` with {v('702',702,kind='count')}. On {n('`patient_contact`','`appointment_slot`')} there were {c('39',39)} deadlocks.",
        f"Of the {c('5127',5127)} matching log records, {c('4386',4386)} concern appointment_slot, i.e. {pc('86 %',4386/5127*100)}.",
        f"- p95 booking latency: **{v('485 ms',L,'last')}** now, usual {v('486 ms',L,'usual')}\n- 5xx: **{c('1',1,big=False) if 0 else '1'}** in the last interval\n- DB connections: **{v('121',C,'last')}** now, usual {v('118',C,'usual')}\n- EHR sync age: **{v('47.7 s',H,'last')}** now",
        f"The EHR synchronisation lagged behind too. Its age crossed the {v('30 min',1800)} limit at {t('08:50','08:50')}, {d('40 minutes',40)} after the start of the incident, and grew to {v('63.8 min',H,'max')} at {t('09:35',at=(H,'max'))}. It was below that limit again from {t('09:50','09:50')} on (F2).",
        f"Sync age at 9:00 was {v('2,267 s',H,'09:00')}, i.e. {v('37.8 min',H,'09:00')}; an hour later it was {v('51.5 s',H,'10:00')}.",
        f"Slot search was only mildly slower. Its median went up from about {v('92 ms',Q,'usual')} to {v('143 ms',Q,'max')} at {t('08:40',at=(Q,'max'),tol=.03)}, {pc('55 %',(143.2/92.1-1)*100)} more (F6).",
        f"Two incidents remain open: {n('portal-5xx-many','schedule-db-connections')} since {t('08:17','08:17')} ({d('3 h 23 min',a1,step=1)}) and {n('schedule-db-connections','portal-5xx-many')} since {t('08:31','08:31')} ({d('3 h 9 min',a2,step=1)}). Judging from the metrics both conditions have been over since {t('09:35','09:35',later=False)}.",
        f"The 5xx alarm went off at {t('08:17','08:17')}, {d('7 minutes',7,step=1)} after errors had started at {t('08:10','08:10')}; the one on connections followed {d('14 minutes',14,step=1)} later.",
        f"Compare {t('08:05',at=(L,'08:05'),hold=lambda x:not inc(x))} and {t('08:10',at=(L,'08:10'),tol=.1)}: p95 went from {v('477 ms',L,'08:05')} to {v('3.81 s',L,'08:10')}, an increase by a factor of {ra('8',3811/477)}. In the same step 5xx responses went from {v('2',E,'08:05')} to {v('298',E,'08:10')} and bookings from {v('130',B,'08:05')} to {v('37',B,'08:10')}.",
        f"At 7:30 there was nothing wrong yet: {v('519 ms',L,'07:30')} for a booking, {v('135',B,'07:30')} bookings, {v('115',C,'07:30')} connections.",
        f"Booking latency and lock waits rose and fell together, rank correlation {slot('value','0.96',[('value x0.5..2','0.48'),('swap','0.69')])} over {c('54',54)} values (F9). Taken alone this is no proof of a cause.",
        f"Over the four hours p95 averaged {v('1.72 s',L,'mean')} and the 5xx count {v('115',E,'mean')} per interval. Both averages are dominated by the {c('17',17)} bad intervals.",
        f"For {d('75 minutes',75)}, from {t('08:20','08:20',later=False)} until {t('09:35','09:35',earlier=False)}, the database sat at exactly {v('250',C,'max')} connections, which looks like a hard cap. Before that, at {t('08:15',at=(C,'08:15'),hold=lambda x:not inc(x))}, {v('120',C,'08:15')} were open.",
        f"Normal values for these hours, as a reference:\n1. Bookings: {v('144',B,'usual')} (median)\n2. DB CPU: {v('34.6 %',U,'usual')}\n3. Lock waits: {v('5',K,'usual')}\n4. Slot search p50: {v('92.1 ms',Q,'usual')}",
        f"In the worst interval a booking took {ra('9 times',4369/486.5)} its usual time at the 95th percentile ({v('4,369 ms',L,'max')} vs. {v('487 ms',L,'usual')}).",
        f"Fewest bookings: {v('37',B,'min')}, {pc('74 %',(1-37/144)*100)} below the median of {v('144',B,'usual')}. Most: {v('239',B,'max')}, {pc('66 %',(239/144-1)*100)} above it.",
        f"What I could not check is the migration itself. If you want to dig, start with the lock timeouts of `appointment_slot` ({c('4386',4386)} of them) and with what schema-migrator ran at {t('08:04','08:04')}.",
        f"Lock waits in the last interval of the range were {v('5',K,'last')}, the mean over the whole of it {v('55.5',K,'mean')}. At 9:30, one interval before it was over, there were still {v('149',K,'09:30')}.",
    )
    w.cause(
        False,
        "Booking failed because the load balancer ran out of ports.",
        "The lock waits were caused by a bot attack on the portal.",
        "Latency rose due to a slow third-party insurance check.",
        "The reminder burst led to the 5xx responses.",
    )
    w.cause(
        True,
        "The locks could have been caused by schema-migrator's change of schedule-db-1 at 08:04.",
        "Perhaps the EHR sync fell behind because the database had no free connections.",
        "It ended around the reboot of schedule-db-1, which may have released the locks.",
        "Whether the 5xx were due to lock timeouts is not proven, though both moved together (F11).",
    )
