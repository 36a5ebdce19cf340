"""The third corpus: true paragraphs of its world "ride", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    (M1, M2, M3), R, N_, D, E, G, K, V_, P = w.mt, w.rq, w.un, w.dr, w.eta, w.geo, w.red, w.ev, w.push
    a1 = (w.now - w.P("19:32")) // MIN
    a2 = (w.now - w.P("19:28")) // MIN
    inc = lambda x: w.P("19:20") <= x < w.P("21:05")
    no = lambda x: not inc(x)
    city = lambda x, *o: n(x, *o, inv=False)
    w.A(
        f"Dispatch is fine at the moment, but it had a bad evening: from {t('19:20','19:20',later=False)} to {t('21:05','21:05',earlier=False)} riders in {city('Recife','Campinas','Santos')} waited up to {v('148 s',M2,'max')} for a match (p90, at {t('20:40',at=(M2,'max'),hold=inc)}), against {v('24',24)} to {v('28 s',28)} usually (F2).",
        f"Only one city was hit. Campinas stayed at {v('20.9 s',M1,'mean')} on average with a maximum of {v('22.7 s',M1,'max')}, and Santos never went over {v('20.5 s',M3,'max',dirs=(1,0))}. The limit for all of them is {v('60 s',60)}.",
        f"So what broke? Most likely the geo index: its p99 latency sprang from {v('40.1 ms',G,'19:15')} at {t('19:15',at=(G,'19:15'),hold=no)} to {v('809 ms',G,'19:20')} at {t('19:20',at=(G,'19:20'),hold=inc)}, and peaked with {v('886 ms',G,'max')} at {t('19:55',at=(G,'max'),hold=lambda x:abs(x-w.P('20:15'))<=5*MIN)} (F1). Six minutes before the jump `geo-indexer` had been deployed, though that alone is no proof.",
        f"It wasn't demand. Ride requests were about {v('1,853',1853)} per 5 min during the incident and {v('1,848',1848)} are usual, and with so much load the geo index used to answer in about {v('38 ms',.038)} (F11).",
        f"{N_ and ''}Unfulfilled requests: {v('466',N_,'max')} at the peak ({t('20:55',at=(N_,'max'),hold=inc)}), {v('48',N_,'last')} now. The alert line is {v('200',200)}; it was exceeded in {c('21',21)} of 21 intervals (F5).",
        f"That's ugly: with {v('466',N_,'20:55')} unfulfilled of {v('1,892',R,'20:55')} requests at {t('20:55',at=(N_,'20:55'),hold=inc)}, {pc('24.6 %',466/1892*100)} of the riders got no car.",
        f"Drivers online fell too, to {v('1,824',D,'19:25')} at {t('19:25',at=(D,'19:25'),hold=inc)}, from {v('2,601',D,'19:15')} ten minutes earlier; that is {pc('30 %',(1-1824/2601)*100)} less (F8). They returned as soon as the incident ended: {v('2,639',D,'21:05')} at {t('21:05',at=(D,'21:05'),hold=no)}. It may be that drivers simply could not be located.",
        f"Memory of the geo Redis doubled. It went to {v('12.8 GB',K,'max')} (usual {v('5.42',5.42)} to {v('5.64 GB',5.64e9)}) and thus came within a hair of its limit of {v('12.9 GB',12.9e9)}, without crossing it (F3).",
        f"At the same time Redis began evicting: {v('20,439',V_,'19:20')} keys in the first interval, {v('22,424',V_,'max')} at {t('20:35',at=(V_,'max'),hold=inc)}, none at all outside of the incident (F6).",
        f"ETAs became unreliable, with an error of {v('37.5 %',E,'max')} at {t('19:45',at=(E,'max'),hold=inc)}. Its limit is {v('25 %',25)} and its median {v('11.6 %',E,'usual')} (F7). Currently it is {v('11 %',E,'last')}.",
        f"Who changed what:\n- {t('16:37','16:37')} `infra-bot` modified the replication group {n('`geo-redis-a`','`geo-indexer`')}\n- {t('19:14','19:14')} `shipit` updated {n('`geo-indexer`','`geo-redis-a`')}\n- {t('21:02','21:02')} `l.moreira` updated `geo-indexer` again",
        f"Version {n('3.14.0','3.13.6')} of geo-indexer logged `cell_missing` {v('68914',68914,kind='count')} times, while 3.13.6 has it {v('131',131,kind='count')} times. The new build also wrote {v('2215',2215,kind='count')} lines of {n('`slow_scan`','`cell_missing`')}.",
        f"The second deployment at {t('21:02','21:02')} looks like a rollback: {d('3 minutes',3,step=1)} later, at {t('21:05','21:05')}, match time, evictions and unfulfilled requests were all back to usual.",
        f"Incidents that are still open are {n('unfulfilled-rides-high','geo-index-slow')} ({t('19:32','19:32')}, so {d('2 h 43 min',a1,step=1)} ago) and {n('geo-index-slow','unfulfilled-rides-high')} ({t('19:28','19:28')}, {d('2 h 47 min',a2,step=1)} ago). Since the figures are normal I'd expect both to close.",
        f"geo-index-slow has a history: it last fired on 21 November at {t('20:18',w.P('20:18'),hold=lambda x:False)} and cleared at {t('20:49',w.P('20:49'),hold=lambda x:False)}, after {d('31 minutes',31,step=1)}. Tonight it went off at {t('19:28','19:28')}.",
        f"There was one more blip you may have heard about: push notifications took {v('6.31 s',P,'max')} at {t('17:15',at=(P,'max'),tol=.03)}, over the {v('5 s',5)} limit, for {d('15 minutes',15)} from {t('17:10','17:10')} on (F4). That was two hours before and is a different thing, I think.",
        f"Push delivery since then: {v('1.43 s',P,'17:25')} at {t('17:25',at=(P,'17:25'),hold=lambda x:not w.P('17:05')<=x<w.P('17:25'))}, {v('1.37 s',P,'last')} now, with {v('1.34 s',P,'usual')} being the median.",
        f"For Recife the p90 was {ra('5.7 times',148.3/25.9)} the median of {v('25.9 s',M2,'usual')} in the worst interval, and {v('58.6 s',M2,'mean')} over the six hours. It's {v('26.3 s',M2,'last')} in the latest one.",
        f"Lowest number of drivers: {v('1,815',D,'min')} at {t('20:50',at=(D,'min'),hold=inc)}. Highest: {v('2,639',D,'max')} at {t('21:05',at=(D,'max'),hold=no)}. Last: {v('2,474',D,'last')}.",
        f"How long was it? {d('1 h 45 min',105)}, if you go by the findings ({t('19:20','19:20')} to {t('21:05','21:05')}). The first alarm came {d('8 minutes',8,step=1)} after it began, at {t('19:28','19:28')}, and the other one {d('4 minutes',4,step=1)} after that.",
        f"Match time in Recife and Redis memory moved in the same direction (rank correlation {slot('value','0.95',[('swap','0.59'),('+-10..30 %','0.79')])}, F9); match time and drivers online moved in opposite ones ({slot('value','-0.94',[('swap','-0.49'),('+-10..30 %','-0.72')])}, F10). Both were computed from {c('57',57)} values.",
        f"Let me put two moments side by side.\n* {t('18:30',at=(G,'18:30'),hold=no)}: geo p99 {v('39.9 ms',G,'18:30')}, {v('2,589',D,'18:30')} drivers, {v('48',N_,'18:30')} unfulfilled\n* {t('20:30',at=(G,'20:30'),hold=inc)}: geo p99 {v('700 ms',G,'20:30')}, {v('1,865',D,'20:30')} drivers, {v('423',N_,'20:30')} unfulfilled",
        f"Requests per interval ranged from {v('1,475',R,'min')} at {t('16:15',at=(R,'min'))} to {v('1,908',R,'max')} at {t('20:10',at=(R,'max'),tol=.04)}, which is the ordinary evening curve; median for these hours is {v('1,780',R,'usual')}.",
        f"The geo index was {ra('23 times',886.2/37.9,ap=.01) } as slow as usual at its worst. On average over the range its p99 was {v('258 ms',G,'mean')}.",
        f"I'd keep 3.13.6 running tonight. Before anyone ships 3.14.0 again, find out why Redis used {v('7.2 GB',12.772e9-5.54e9,ap=.01)} more than its usual {v('5.54 GB',K,'usual')} and why {v('68914',68914,kind='count')} cells were missing.",
        f"Several metrics crossed a limit together at {t('19:20','19:20')}: geo p99 ({v('300 ms',.3)}), match time ({v('60 s',60)}), unfulfilled requests ({v('200',200)}) and ETA error ({v('25 %',25)}).",
        f"After the recovery, unfulfilled requests were {v('47',N_,'21:05')} at {t('21:05',at=(N_,'21:05'),hold=no)} and have not been above {v('55',N_,'21:15',dirs=(1,0))} since. Usual is {v('44',N_,'usual')}.",
        f"One oddity: the change of `geo-redis-a` by infra-bot at {t('16:37','16:37')} preceded everything by {d('2 h 43 min',163,step=1)}. Redis memory was {v('5.59 GB',K,'16:45')} at {t('16:45',at=(K,'16:45'),hold=no)} and didn't react to it.",
    )
    w.cause(
        False,
        "Riders waited because a mobile carrier had an outage.",
        "The driver drop was caused by heavy rain.",
        "Geo latency rose due to a Redis failover.",
        "A surge in airport demand led to the unfulfilled requests.",
    )
    w.cause(
        True,
        "The longer waits may be due to the geo-indexer deploy by shipit at 19:14.",
        "Possibly Redis evicted keys because the new build stores more cells.",
        "Fewer drivers online might be a consequence of missing cells rather than of drivers leaving.",
        "The recovery was perhaps brought about by l.moreira's update at 21:02.",
    )
