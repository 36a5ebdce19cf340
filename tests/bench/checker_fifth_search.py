"""The fifth corpus: true paragraphs of its world "search", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    Q9, Q5, QS, ZR, (N1, N2, N3), RJ, IX, IA, SG, HT, SU = w.q9, w.q5, w.qs, w.zr, w.cp, w.hq, w.ix, w.rf, w.sg, w.ht, w.ld
    P = w.P
    a, mid = P("11:00"), P("14:30")
    e2 = lambda x: x >= mid
    qu = lambda x: x < a
    w.A(
        f"Yes, search was slow, and it still is to some extent. Between {t('11:00',a)} and {t('14:30',mid)} the p99 query latency was over its limit of {v('800 ms',.8)}, with a maximum of {v('1.42 s',Q9,'max')} (F4). Since then it has been inside the limit, but at {v('382 ms',Q9,'last')} it is still {ra('2.1 times',382/184)} the usual {v('184 ms',Q9,'usual')}.",
        f"One can tell three phases apart by the 25-minute averages of p99. Before the change: {v('183 ms',Q9,'@10:20')} at {t('10:20',at=(Q9,'@10:20'),hold=qu)}. After it: {v('1,352 ms',Q9,'@11:10')} at {t('11:10',at=(Q9,'@11:10'))}. After the second one: {v('410 ms',Q9,'@14:30')} at {t('14:30',at=(Q9,'@14:30'),hold=e2)}.",
        f"Two configuration updates of {n('`catalog-search-jp`','`suggest-nightly`')} frame the incident: `relevance-deploy` made one at {t('10:52','10:52')}, {d('8 minutes',8,step=1)} before latency went up, and y.nakamura made another at {t('14:19','14:19')}, {d('11 minutes',11,step=1)} before it came down. The first may have introduced the problem and the second removed most of it.",
        f"What the second change did not bring back is the number of segments. It was about {v('318',318)}, went to {v('1,524',SG,'max')} at {t('12:10',at=(SG,'max'))}, and is now {v('740',SG,'last')} (F3). Compared with the usual number that is {ra('2.3 times',740/318)} as many.",
        f"The query cache tells the same: {v('67.2 %',HT,'usual')} of lookups hit it on a usual day, {v('26.9 %',HT,'min')} did at {t('11:15',at=(HT,'min'))}, and {v('56.4 %',HT,'last')} do now. {v('10.8',67.2-56.4,kind='percent')} percentage points are still missing.",
        f"Only one node was affected. {n('es-hot-2','es-hot-1','es-hot-3')} ran at up to {v('97 %',N2,'max')} CPU (limit {v('90 %',90)}) and is at {v('61.2 %',N2,'last')} now (F6). {n('es-hot-1','es-hot-2')} and {n('es-hot-3','es-hot-2')} had {v('41.3 %',N1,'mean')} and {v('38.9 %',N3,'mean')} on average and never more than {v('43.8 %',N1,'max',dirs=(1,0))} and {v('41.7 %',N3,'max',dirs=(1,0))}.",
        f"The imbalance is worth a second look: with {v('61.2 %',N2,'last')}, es-hot-2 uses {v('19.8',61.2-41.4,kind='percent')} points more CPU than {n('es-hot-1','es-hot-3')} ({v('41.4 %',N1,'last')}) even now. Its usual median is {v('43 %',N2,'usual')}.",
        f"Users also got fewer results. The share of queries without any result rose from {v('4.29 %',ZR,'usual')} to as much as {v('14.4 %',ZR,'max')} at {t('14:20',at=(ZR,'max'))} (F9), {ra('3.4 times',14.4/4.29)} as high. Unlike latency it recovered fully: {v('3.97 %',ZR,'last')} at the end.",
        f"Rejected searches are practically unknown on a usual day, but during the incident there were {v('286',RJ,'max')} in five minutes at the worst, at {t('11:55',at=(RJ,'max'))} (F1). All {c('42',42)} values from {t('11:00',a)} to {t('14:30',mid)} were over the limit of {v('100',100)}.",
        f"Freshness of the index followed with a delay. Its age passed {v('15 minutes',900)} at {t('11:55','11:55')}, {d('55 minutes',55)} into the incident, peaked at {v('56.9 min',IA,'max')} at {t('14:30',at=(IA,'max'))} and was below the limit again at {t('14:40','14:40',later=False)} (F2). Today's last value is {v('31.1 s',IA,'last')}.",
        f"It grew linearly, as if nothing became visible at all: in 25-minute averages {v('761 s',IA,'@11:35')} from {t('11:35',at=(IA,'@11:35'))}, {v('1,563 s',IA,'@12:25')} from {t('12:25',at=(IA,'@12:25'))}, {v('2,367 s',IA,'@13:15')} from {t('13:15',at=(IA,'@13:15'))}, {v('3,172 s',IA,'@14:05')} from {t('14:05',at=(IA,'@14:05'))}.",
        f"Indexing did not stop, though. It fell to {v('41,421',41421)} documents at {t('11:10','11:10',(IX,'11:10'))}, where {v('89,788',89788)} to {v('100,965',100965)} are usual, and was normal again at {t('14:30',mid,later=False)} after {d('3 h 30 min',210)} (F10). That is {pc('54 %',(1-41421/89788)*100)} below the lower end of the usual range.",
        f"Load is not the reason. Queries were at {v('1,041/s',QS,'@11:10')} when the trouble was at its height (average of the 25 minutes from {t('11:10',at=(QS,'@11:10'))}), and are at {v('2,622/s',QS,'last')} now, the highest value of the range, with latency {v('1,037 ms',1.419-.382)} lower than at its peak.",
        f"Slow log: of {v('9,871',9871,kind='count')} entries, {v('8,420',8420,kind='count')} used the analyzer {n('`kuromoji-v7`','`kuromoji-v6`')}, {v('1,035',1035,kind='count')} {n('`kuromoji-v6`','`kuromoji-v7`')} and {v('416',416,kind='count')} `ngram-2`. So {pc('85 %',8420/9871*100)} of the slow queries share one analyzer; that deserves a look, although the log does not say how many fast ones share it too.",
        f"The query scanned {v('733 MB',733e6)}. Version 7 of the analyzer shows up {ra('8.1 times',8420/1035)} as often as version 6 in it ({v('8,420',8420,kind='count')} against {v('1,035',1035,kind='count')}).",
        f"There was a smaller event in the morning that has nothing to do with this one. {n('Suggest latency','Query latency p50',inv=False)} was above {v('40 ms',.04)} from {t('08:05','08:05')} to {t('08:30','08:30')}, with a peak of {v('60.9 ms',SU,'max')} at {t('08:15',at=(SU,'max'))} (F5). `suggest-rebuild` had put the rule {n('`suggest-nightly`','`catalog-search-jp`')} at {t('08:02','08:02')}, so a rebuild at an unlucky hour is plausible.",
        f"That morning event lasted {d('25 minutes',25)}, {c('5',5)} values in all, and was {ra('5.2 times',60.9/11.8)} the usual {v('11.8 ms',SU,'usual')} at most. Suggest has been quiet since, now at {v('11.5 ms',SU,'last')}.",
        f"The median user fared much better than the unlucky one in a hundred. {n('Query latency p50','Suggest latency p95',inv=False)} reached {v('42.1 ms',Q5,'max')} at {t('14:10',at=(Q5,'max'))}, an increase of {pc('78 %',(42.1/23.6-1)*100)} over {v('23.6 ms',Q5,'usual')}; p99 at its own peak had gone up to {ra('7.7 times',1419/184)} its usual value.",
        f"Latest values:\n- Query latency p50 {v('29.8 ms',Q5,'last')} (usual {v('23.6 ms',Q5,'usual')})\n- Query latency p99 {v('382 ms',Q9,'last')} (usual {v('184 ms',Q9,'usual')})\n- Index age {v('31.1 s',IA,'last')} (usual {v('34 s',IA,'usual')})\n- Documents indexed {v('90,103',IX,'last')} (usual {v('95,331',IX,'usual')})",
        f"p99 and segments have a rank correlation of {slot('value','0.95',[('+-10..30 %','0.81'),('value x0.5..2','0.58')])} over {c('141',141)} values (F13), and the cache hit ratio moves against the segments at {slot('value','-0.94',[('swap','-0.49'),('+-10..30 %','-0.72')])} (F15). More segments to search, fewer cached answers: that could be how it got slow, but F13 and F15 do not give a direction.",
        f"Both open incidents can be closed from the point of view of the metrics. {n('query-p99-over-800ms')} has been in ALARM since {t('11:09','11:09')}, {d('7 h 1 min',421,step=1)} by now, and {n('index-age-15min')} since {t('12:06','12:06')}, {d('6 h 4 min',364,step=1)}. What they watch has been under its limit since {t('14:30',mid,later=False)} and {t('14:40','14:40',later=False)}.",
        f"The alarm on p99 needed {d('9 minutes',9,step=1)} after {t('11:00',a)} to fire, the one on index age {d('11 minutes',11,step=1)} after its limit had been passed at {t('11:55','11:55')}.",
        f"Over the {d('12 hours',720,step=60)} {n('p99','p50',inv=False)} averaged {v('580 ms',Q9,'mean')}, under the limit. I would not use that figure for a report, because it mixes {d('3 h 30 min',210)} over the limit with hours far below it; the lowest value was {v('171 ms',Q9,'min')} at {t('07:15',at=(Q9,'min'))}.",
        f"If y.nakamura's change of {t('14:19','14:19')} was meant as a rollback, it was not a complete one. p50 has been at about {v('29.8 ms',Q5,'@17:25')} in the last hour instead of {v('23.6 ms',Q5,'usual')}, which is {pc('26 %',(29.82/23.6-1)*100)} more, and the hit ratio around {v('56.2 %',HT,'@17:25')}.",
        f"Was es-hot-2 already busy before? No. In the 25 minutes from {t('10:20',at=(N2,'@10:20'),hold=qu)} it had {v('42.7 %',N2,'@10:20')}, like the others. From {t('11:10',at=(N2,'@11:10'))} on it was {v('93.4 %',N2,'@11:10')}, and from {t('14:30',at=(N2,'@14:30'),hold=e2)} on {v('59 %',N2,'@14:30')}.",
        f"{n('Zero-result searches','Rejected searches',inv=False)} were over their limit of {v('8 %',8)} in {c('42',42)} of {c('42',42)} values between {t('11:00',a)} and {t('14:30',mid)}. A slow cluster alone should not lose results; an analyzer that cuts words differently might. The change at {t('10:52','10:52')} is where I would look.",
    )
    w.cause(
        False,
        "Search was slow because a shard was lost when a disk failed.",
        "The zero-result rate rose due to a broken catalogue import.",
        "Rejected searches were caused by a crawler from abroad.",
        "es-hot-2 was busy because of a nightly backup.",
    )
    w.cause(
        True,
        "The configuration update of 10:52 may have made the queries slow.",
        "Possibly the larger number of segments keeps the query cache from being useful.",
        "y.nakamura's update at 14:19 might have ended the rejections.",
        "Whether suggest-nightly slowed the suggestions down is not proven.",
    )


def beside(w):
    """What is derived stands beside what it came from."""
    Q9, Q5, QS, ZR, (N1, N2, N3), RJ, IX, IA, SG, HT, SU = w.q9, w.q5, w.qs, w.zr, w.cp, w.hq, w.ix, w.rf, w.sg, w.ht, w.ld
    P = w.P
    a, mid = P("11:00"), P("14:30")
    e1 = lambda x: a <= x < mid
    w.A(
        f"Search was slow from {t('11:00',a,hold=e1)} to {t('14:30',mid,hold=e1)} and is still slower than usual. Query latency p99 went from {v('184 ms',Q9,'usual')}, the usual, to {v('1.42 s',Q9,'max')} at {t('11:15',at=(Q9,'max'))}, {ra('7.7 times',1420/184)} as much (F4); its last value is {v('382 ms',Q9,'last')}.",
        f"Query latency p50 has been higher since {t('11:00',a)}: about {v('30.9 ms',.0309)}, where about {v('23.6 ms',.0236)} was usual, {pc('31 %',(30.9/23.6-1)*100)} more (F8). Its last value, {v('29.8 ms',Q5,'last')}, shows that this has not ended.",
        f"`relevance-deploy` updated {n('`catalog-search-jp`','`suggest-nightly`')} at {t('10:52','10:52')}, and query latency p99 went over its limit at {t('11:00',a)}, {d('8 minutes',8,step=1)} later. y.nakamura updated it at {t('14:19','14:19')}, and query latency p99 was under its limit again at {t('14:30',mid,later=False)}, {d('11 minutes',11,step=1)} later.",
        f"The number of segments rose from a usual {v('318',SG,'usual')} to {v('1,524',SG,'max')} at {t('12:10',at=(SG,'max'))}, {ra('4.8 times',1524/318)} as many; at the end it is {v('740',SG,'last')}, {ra('2.3 times',740/318)} the usual {v('318',SG,'usual')} (F3).",
        f"CPU of the nodes, last values: {n('es-hot-1','es-hot-2')} {v('41.4 %',N1,'last')}, {n('es-hot-2','es-hot-3')} {v('61.2 %',N2,'last')}, {n('es-hot-3','es-hot-2')} {v('36.9 %',N3,'last')}. CPU of es-hot-2 was over its limit of {v('90 %',90)} until {t('14:30',mid)}, with {v('97 %',N2,'max')} at {t('11:55',at=(N2,'max'))} (F6).",
        f"Rejected searches were over their limit of {v('100',100)} from {t('11:00',a)} to {t('14:30',mid)}, {d('3 h 30 min',210)}, with {v('286',RJ,'max')} rejected searches at {t('11:55',at=(RJ,'max'))} as the highest (F1).",
        f"Index age rose to {v('56.9 min',IA,'max')} at {t('14:30',at=(IA,'max'))}, where {v('29',29)} to {v('39 s',39)} are usual, and was over its limit of {v('15 min',900)} from {t('11:55','11:55')} to {t('14:40','14:40')}, {d('2 h 45 min',165)} (F2). Its last value is {v('31.1 s',IA,'last')}.",
        f"The zero-result rate rose from a usual {v('4.29 %',ZR,'usual')} to {v('14.4 %',ZR,'max')} at {t('14:20',at=(ZR,'max'))}, {ra('3.4 times',14.4/4.29)} as much (F9). Documents indexed fell to {v('41,421',41421)} at {t('11:10','11:10',(IX,'11:10'))}, where {v('89,788',89788)} to {v('100,965',100965)} are usual (F10).",
        f"Of {v('9,871',9871,kind='count')} slow queries in the log, {v('8,420',8420,kind='count')}, {pc('85 %',8420/9871*100)}, used {n('`kuromoji-v7`','`kuromoji-v6`')}, and {v('1,035',1035,kind='count')}, {pc('10.5 %',1035/9871*100)}, used {n('`kuromoji-v6`','`kuromoji-v7`')}. Whether the update at {t('10:52','10:52')} brought the analyzer in is not in the data.",
        f"Separate from that, suggest latency p95 rose from a usual {v('11.8 ms',SU,'usual')} to {v('60.9 ms',SU,'max')} at {t('08:15',at=(SU,'max'))}, {ra('5.2 times',60.9/11.8)} as much, and was over its limit of {v('40 ms',.04)} from {t('08:05','08:05')} to {t('08:30','08:30')}, {d('25 minutes',25)} (F5).",
        f"Queries are no explanation: they were {v('1,041/s',QS,'@11:10')} on average in the 25 minutes from {t('11:10',at=(QS,'@11:10'))} and {v('2,469/s',QS,'@17:25')} in those from {t('17:25',at=(QS,'@17:25'))}, {ra('2.4 times',2469/1041)} as many, with query latency p99 at {v('405 ms',Q9,'@17:25')} in the latter.",
    )
