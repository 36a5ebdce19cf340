"""The fifth corpus: true paragraphs of its world "ci", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    DU, (QL, QS, QM), (RL, RS, RM), CH, BD, FL, AR, DK, NT, GF = w.du, w.qt, w.rn, w.ch, w.bd, w.fl, w.eg, w.dk, w.nt, w.tk
    a, b = w.P("10:05"), w.P("14:50")
    inc = lambda x: a <= x < b
    no = lambda x: not inc(x)
    m = lambda p, q: (w.P(q) - w.P(p)) / MIN
    w.A(
        f"Builds were slow from {t('10:05',a)} to {t('14:50',b)} because the build cache stopped working, and they are fine again. The hit ratio dropped to around {v('23.7 %',CH,'@10:20')} right at {t('10:05',a)} (F1); `storage-janitor` had put a lifecycle configuration on {n('`build-cache-use1`','`runners-linux-large`')} {d('9 minutes',9,step=1)} earlier, at {t('09:56','09:56')}.",
        f"**Now:** p75 build duration {v('427 s',DU,'last')}, cache hits {v('81.5 %',CH,'last')}, queue on linux-large {v('29.1 s',QL,'last')}, failed builds {v('7.6 %',FL,'last')}. All of that is where it usually is, so if your build is still slow it's something else.",
        f"The p75 build took {v('18.6 min',DU,'max')} at the worst moment ({t('13:55',at=(DU,'max'))}). That's {ra('2.6 times',1119/431)} what is usual ({v('431 s',DU,'usual')}) and {v('3.6 min',3.6*60,ap=.02)} over the limit of {v('15 min',900)} (F2).",
        f"Queues, worst to best: {n('linux-large','linux-small')} up to {v('22.3 min',QL,'max')} at {t('11:45',at=(QL,'max'))}, {n('linux-small','linux-large')} up to {v('422 s',QS,'max')} at {t('12:35',at=(QS,'max'))}, and mac never above {v('71.6 s',QM,'max',dirs=(1,0))}. Only the first one broke its limit of {v('10 min',600)} (F5).",
        f"Both Linux pools ran flat out. {n('linux-large','linux-small')} had {v('120',RL,'max',other=False)} busy runners and {n('linux-small','linux-large')} {v('80',RS,'max',other=False)} from {t('10:05',a,hold=inc)} until {t('14:50',b,hold=inc)} (F9, F10); usual for that hour are {v('67',67)} to {v('78.3',78.3)} and {v('45',45)} to {v('50',50)}.",
        f"mac runners didn't care: {v('11',RM,'max',other=False)} busy at most, {v('9.56',RM,'mean',other=False)} on average, and a mean queue time of {v('64.2 s',QM,'mean')} against a usual {v('63.8 s',QM,'usual',ap=.002)}.",
        f"t.okafor deleted the bucket's lifecycle at {t('14:38','14:38')}, and {d('12 minutes',12,step=1)} later, at {t('14:50',b)}, the hit ratio was back above {v('70 %',70,ok=lambda y:True)}. In total it was below for {d('4 h 45 min',285)}, with {c('57',57)} of {c('57',57)} values outside (F1).",
        f"Before that, at {t('11:21','11:21')}, t.okafor had touched the auto scaling group {n('`runners-linux-large`','`build-cache-use1`')}. I can't see that it helped: the queue averaged {v('1,278 s',QL,'@11:20')} in the twenty minutes from {t('11:20',at=(QL,'@11:20'))} and {v('1,296 s',QL,'@12:00')} in those from {t('12:00',at=(QL,'@12:00'))}.",
        f"From the logs ({v('2.7 GB',2.7e9)} scanned): {v('14,210',14210,kind='count')} cache misses for {n('`monolith`','`web-app`','`android`',inv=False)}, {v('6,655',6655,kind='count')} for {n('`web-app`','`monolith`',inv=False)}, {v('2,307',2307,kind='count')} for {n('`android`','`web-app`',inv=False)}. The remaining {v('369',369,kind='count')} rows are checkout retries of the monolith.",
        f"The monolith alone makes up {pc('60 %',14210/23541*100)} of the {v('23,541',23541,kind='count')} rows with its {v('14,210',14210,kind='count')} misses. web-app has less than half of that, {v('6,655',6655,kind='count')}.",
        f"{n('Failed builds','Build cache hits',inv=False)} went from a usual {v('7.7 %',FL,'usual')} to as much as {v('19.7 %',FL,'max')} at {t('11:15',at=(FL,'max'))} (F4). The limit of {v('15 %',15)} was exceeded in {c('56',56)} of {c('56',56)} values between {t('10:05',a)} and {t('14:45','14:45')}.",
        f"Without a cache, artifacts get downloaded again: {v('304 MB/s',AR,'max')} at the peak ({t('14:10',at=(AR,'max'))}), about {ra('5 times',304/59.6,ap=.03)} the usual {v('59.6 MB/s',AR,'usual')}, and {v('178 MB/s',AR,'mean')} averaged over the whole range. If that traffic is billed, someone may want to look at it.",
        f"Throughput suffered less than one would think. {n('Builds finished','Busy runners',inv=False)} hit a low of {v('66',BD,'min',other=False)} per five minutes at {t('10:20',at=(BD,'min'))} and recovered to {v('142',BD,'last',other=False)} by the end, where {v('134',BD,'usual',other=False)} is the median at these hours.",
        f"At {t('14:10','14:10',(BD,'14:10'))} only {v('82',82)} builds finished in five minutes when {v('135',135)} to {v('165',165)} are usual (F3), so at least {v('53',53,dirs=(0,1))} fewer than normal. An hour and a bit later, at {t('15:25',at=(BD,'max'))}, it was {v('146',BD,'max',other=False)}.",
        f"One unrelated thing happened in between: git fetches took up to {v('26.4 s',GF,'max')} at {t('12:35',at=(GF,'max'))}, over the limit of {v('20 s',20)} from {t('12:15','12:15')} to {t('12:40','12:40')} (F8). That's {d('25 minutes',25)} out of a much longer incident and it fixed itself.",
        f"Keep an eye on the cache node's disk: {v('92.3 %',DK,'last')} used, growing by {v('0.695 %',.695)} a day, limit {v('95 %',95)}. F7 gives it {d('3 d 22 h',3*1440+22*60,step=60)}. It had {v('82.5 %',82.5)} on {t('Thu 26 Nov 16:00',w.P('26 Nov 16:00'),hold=lambda x:abs(x-w.P('26 Nov 16:00'))<20*3600000)}.",
        f"There are {v('2.7',95-92.3,kind='percent')} percentage points left between the disk's {v('92.3 %',DK,'last')} and its limit of {v('95 %',95)}; in two weeks it has used {v('9.8',92.3-82.5,kind='percent')} points.",
        f"Alarms still open: {n('cache-hit-low')} since {t('10:17','10:17')} and {n('ci-queue-linux-large')} since {t('10:58','10:58')}. They fired {d('12 minutes',12,step=1)} and {d('53 minutes',53,step=1)} after the hit ratio fell at {t('10:05',a)}. Both have been ripe for closing since {t('14:50',b,later=False)}.",
        f"In order: janitor change at {t('09:56','09:56')} → hit ratio collapses at {t('10:05',a)} → cache alarm at {t('10:17','10:17')} → linux-large queue over its limit at {t('10:45','10:45')} → queue alarm at {t('10:58','10:58')} → fix at {t('14:38','14:38')} → all normal at {t('14:50',b,later=False)}.",
        f"The runner image {n('`runner-golden-211`','`runners-linux-large`')} was created at {t('07:42','07:42')}, {d('2 h 23 min',m('07:42','10:05'),step=1)} before anything changed, so I'd rule it out unless it was rolled out late.",
        f"{n('Queue time','Build duration',inv=False)} on linux-large climbed rather than jumped: {v('386 s',QL,'@10:20')} on average from {t('10:20',at=(QL,'@10:20'))}, {v('713 s',QL,'@10:40')} from {t('10:40',at=(QL,'@10:40'))}, {v('1,017 s',QL,'@11:00')} from {t('11:00',at=(QL,'@11:00'))}. After {t('11:20',at=(QL,'@11:20'),hold=lambda x: w.P('11:20')<=x<w.P('14:00'))} it stayed between {v('1,224 s',QL,'_11:20',dirs=(0,1),other=False)} and {v('1,340 s',QL,'max',dirs=(1,0),other=False)} for three hours.",
        f"F11 and F12 show busy runners and hit ratio moving in opposite directions (rank correlation {slot('value','-0.94',[('swap','-0.49'),('+-10..30 %','-0.76')])}, {c('111',111)} values). Runners that rebuild what the cache used to give them would look just like this.",
        f"How bad for a typical dev? p75 builds averaged {v('1,033 s',DU,'@11:40')} around noon (the twenty minutes from {t('11:40',at=(DU,'@11:40'))}), versus {v('435 s',DU,'@09:20')} at {t('09:20',at=(DU,'@09:20'),hold=no)}. So about {v('598 s',1033-435)} extra per build, plus up to {v('22.3 min',QL,'max')} of waiting on {n('linux-large','linux-small')}.",
        f"The mean hit ratio today is {v('47.7 %',CH,'mean')}, but no single hour looks like that: it was {v('83.1 %',CH,'@09:40')} in the twenty minutes from {t('09:40',at=(CH,'@09:40'),hold=no)}, and {v('22.8 %',CH,'@11:20')} in those from {t('11:20',at=(CH,'@11:20'))}. The lowest reading was {v('21.7 %',CH,'min')}.",
        f"linux-small peaked at {v('422 s',QS,'max')}, {v('178 s',600-422)} short of the limit, while linux-large went beyond it by {v('12.3 min',12.3*60,ap=.01)}. On average over the range: {v('214 s',QS,'mean')} and {v('11.1 min',QL,'mean')}.",
        f"Suggestion: before `storage-janitor` runs again, exclude {n('`build-cache-use1`','`runner-golden-211`')} from it. Its run of {t('09:56','09:56')} preceded {d('4 h 45 min',285)} of cache misses, during which {v('17.9 %',FL,'@11:00')} of builds failed in the twenty minutes from {t('11:00',at=(FL,'@11:00'))} alone.",
    )
    w.cause(
        False,
        "Builds were slow because the new runner image lacks a compiler cache.",
        "The queue grew due to a licence server that was down.",
        "Failed builds rose because of a flaky test suite.",
        "A DNS outage led to the cache misses.",
    )
    w.cause(
        True,
        "The lifecycle configuration of 09:56 may have deleted the cache objects.",
        "Perhaps the long queues come from builds that take longer and keep the runners busy.",
        "Deleting the lifecycle at 14:38 might be what brought the hit ratio back.",
        "Whether the git fetch slowness at 12:15 is related is unknown.",
    )


def beside(w):
    """What is derived stands beside what it came from."""
    DU, (QL, QS, QM), (RL, RS, RM), CH, BD, FL, AR, DK, NT, GF = w.du, w.qt, w.rn, w.ch, w.bd, w.fl, w.eg, w.dk, w.nt, w.tk
    a, b = w.P("10:05"), w.P("14:50")
    inc = lambda x: a <= x < b
    w.A(
        f"Builds were slower from {t('10:05',a,hold=inc)} to {t('14:50',b,hold=inc)}: build duration p75 went from a usual {v('431 s',DU,'usual')} to {v('18.6 min',DU,'max')} at {t('13:55',at=(DU,'max'))}, over the limit of {v('15 min',900)} (F2). At {v('427 s',DU,'last')} it is normal now.",
        f"Build cache hit ratio dropped from a usual {v('82.6 %',CH,'usual')} to {v('21.7 %',CH,'min')} at {t('11:35',at=(CH,'min'))}, {v('60.9',82.6-21.7,kind='percent')} percentage points less, and was under its limit of {v('70 %',70)} from {t('10:05',a)} to {t('14:50',b)}, {d('4 h 45 min',285)} (F1).",
        f"`storage-janitor` put a lifecycle configuration on {n('`build-cache-use1`','`runner-golden-211`')} at {t('09:56','09:56')}, and the cache hit ratio fell at {t('10:05',a)}, {d('9 minutes',9,step=1)} later. t.okafor deleted that lifecycle at {t('14:38','14:38')}, and the hit ratio was back over its limit at {t('14:50',b,later=False)}, {d('12 minutes',12,step=1)} later. So the lifecycle configuration may well have caused it.",
        f"Queue time p90 of {n('linux-large','linux-small')} rose from a usual {v('28.1 s',QL,'usual')} to {v('22.3 min',QL,'max')} at {t('11:45',at=(QL,'max'))} and was over its limit of {v('10 min',600)} from {t('10:45','10:45')} to {t('14:50',b)}, {d('4 h 5 min',245)} (F5). Queue time of {n('linux-small','linux-large')} stayed below the limit, highest {v('422 s',QS,'max')} at {t('12:35',at=(QS,'max'))}.",
        f"Busy runners of {n('linux-large','linux-small')} rose to {v('120',RL,'max',other=False)} at {t('10:05',a,hold=inc)}, where {v('67',67)} to {v('78.3',78.3)} are usual (F10), and busy runners of {n('linux-small','linux-large')} to {v('80',RS,'max',other=False)}, where {v('45',45)} to {v('50',50)} are usual (F9).",
        f"Cache misses in the logs: {v('14,210',14210,kind='count')} of {v('23,541',23541,kind='count')} rows, {pc('60 %',14210/23541*100)}, are misses of {n('`monolith`','`web-app`',inv=False)}; {v('6,655',6655,kind='count')} rows, {pc('28 %',6655/23541*100)}, are misses of {n('`web-app`','`android`',inv=False)}.",
        f"Failed builds rose from a usual {v('7.7 %',FL,'usual')} to {v('19.7 %',FL,'max')} at {t('11:15',at=(FL,'max'))}, {ra('2.6 times',19.7/7.7)} as much, and were over their limit of {v('15 %',15)} until {t('14:45','14:45')} (F4). The last value of failed builds is {v('7.6 %',FL,'last')}.",
        f"Builds finished fell to {v('82',82)} at {t('14:10','14:10',(BD,'14:10'))}, where {v('135',135)} to {v('165',165)} are usual (F3). Builds finished are {v('142',BD,'last',other=False)} in the last five minutes of the range.",
        f"- Artifact download: from a usual {v('59.6 MB/s',AR,'usual')} to {v('304 MB/s',AR,'max')} at {t('14:10',at=(AR,'max'))}, {ra('5.1 times',304/59.6)} as much (F6)\n- Git fetch time p95: from a usual {v('6.3 s',GF,'usual')} to {v('26.4 s',GF,'max')} at {t('12:35',at=(GF,'max'))}, {ra('4.2 times',26.4/6.3)} as much (F8)",
        f"The disk of the cache node needs room soon: {v('92.3 %',DK,'last')} are used, {v('0.695 %',.695)} more each day, and the limit of {v('95 %',95)} is reached in about {d('3 d 22 h',3*1440+22*60,step=60)} (F7). On {t('Thu 26 Nov 16:00',w.P('26 Nov 16:00'),hold=lambda x:abs(x-w.P('26 Nov 16:00'))<20*3600000)} the cache node disk was {v('82.5 %',82.5)} full.",
        f"Open incidents are {n('cache-hit-low')}, since {t('10:17','10:17')}, {d('5 h 43 min',343,step=1)} until now (16:00), and {n('ci-queue-linux-large')}, since {t('10:58','10:58')}, {d('5 h 2 min',302,step=1)} until now.",
    )
