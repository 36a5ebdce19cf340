"""The third corpus: true paragraphs of its world "vod", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    E, J, D, X, G, K, O, PK, S = w.enc, w.wait, w.done, w.fail, w.gpu, w.wk, w.outp, w.pack, w.src
    a1 = (w.now - w.P("10:47")) // MIN
    a2 = (w.now - w.P("11:33")) // MIN
    w.A(
        f"Encoding was slow from {t('10:35','10:35')} to {t('12:30','12:30')} and is normal again now: p90 encode time peaked at {v('14.9 min',E,'max')} ({t('12:15',at=(E,'max'))}) against a limit of {v('10 min',600)}, and the latest value is {v('208 s',E,'last')} (F1).",
        f"What you still feel is the queue. {v('339',J,'last')} jobs were waiting at {t('13:15',at=(J,'last'),x='13:15')}, where the usual figure is about {v('29',J,'usual')}. It topped out at {v('872',J,'max')} at {t('12:30',at=(J,'max'))} and has dropped under its limit of {v('400',400)} since {t('13:10','13:10',later=False)} (F2).",
        f"- **Encode time p90**: {v('896.7 s',E,'max')} at worst, {v('551 s',E,'mean')} on average over the range, usual {v('214 s',E,'usual')}\n- **Jobs waiting**: {v('872',J,'max')} at worst, mean {v('403',J,'mean')}\n- **Jobs completed**: down to {v('22',D,'min')} per 5 minutes, usually {v('71',D,'usual')}",
        f"Throughput collapsed along with it. Completed jobs went from {v('60',D,'10:30')} in the 10:30 interval to {v('22',D,'10:35')} five minutes later, a drop of {pc('63 %',63.33)}. They jumped back to {v('75',D,'12:30')} at {t('12:30',at=(D,'12:30'))} (F5).",
        f"The GPUs were pegged: utilization stayed over {v('95 %',95,dirs=(0,1))} for {d('1 h 55 min',115)}, with a maximum of {v('99.3 %',G,'max')} at {t('11:50',at=(G,'max'),hold=lambda x:False)} (F4). Outside of that window it ran between {v('59.15 %',G,'min',dirs=(0,1))} and {v('66.87 %',G,'12:50',dirs=(1,0))}.",
        f"A template change came right before this. `preset-pipeline` updated {n('`ladder-av1-hq`','`gpu-workers-g5`')} at {t('10:28','10:28')}, {d('7 minutes',7,step=1)} before encode time left its usual band at {t('10:35','10:35')}. The slowdown may come from that new preset; comparing the two versions of the template would show it.",
        f"j.vermeer changed the same template again at {t('12:26','12:26')}. From {t('12:30','12:30')} on encode time was back at {v('228 s',E,'12:30')}, after {v('832 s',E,'12:25')} in the interval before.",
        f"The autoscaler reacted: at {t('10:52','10:52')} `asg-scaler` set the capacity of `gpu-workers-g5`, and from {t('10:55','10:55')} there were {v('40',K,'max')} active workers, up from {v('24',K,'10:50')} (F8). It did not help much, since completed jobs stayed between {v('23',D,'10:55',dirs=(0,1))} and {v('29',D,'12:25',dirs=(1,0))} per interval with them.",
        f"Per worker the picture is even worse: at {t('11:00',at=(D,'11:00'),hold=lambda x:True)} {v('40',K,'11:00')} workers finished {v('25',D,'11:00')} jobs, whereas at {t('10:30',at=(D,'10:30'),hold=lambda x:x<w.P('10:35'))} {v('24',K,'10:30')} workers had finished {v('60',D,'10:30')}.",
        f"Failures rose at the same moment, from {v('0',0) if 0 else 'none'} at 10:30 to {v('16',X,'10:35')} at {t('10:35',at=(X,'10:35'))}, and reached {v('21',X,'max')} per 5 minutes at most; {c('2',2,big=False) if 0 else 'two or fewer'} are normal (F3). They stopped at {t('12:30','12:30')}.",
        f"Nearly all logged failures are timeouts of AV1 presets: {n('`av1-2160p-hq`','`hevc-2160p`','`h264-720p`')} with {v('291',291,kind='count')} jobs and `av1-1080p-hq` with {v('74',74,kind='count')}. For {n('`hevc-2160p`','`av1-1080p-hq`')} the log has only {c('3',3)} timeouts, and {c('12',12)} jobs of `h264-720p` failed for another reason, `source_missing`.",
        f"`av1-2160p-hq` timed out {ra('3.9 times',291/74)} as often as `av1-1080p-hq` ({c('291',291)} against {c('74',74)} jobs).",
        f"Is it the packager? No. Its latency was {v('62.1 ms',PK,'mean')} on average, never above {v('68.2 ms',PK,'max',dirs=(1,0))}, and so well inside the limit of {v('250 ms',.25)}.",
        f"Source downloads fell as well, to {v('128 MB/s',S,'min')} at {t('10:35',at=(S,'min'),hold=lambda x:w.P('10:35')<=x<w.P('12:30'))}, from {v('295 MB/s',S,'10:30')} just before (F7). By the end of the range they were at {v('383 MB/s',S,'last')}. Fewer jobs fetching sources would look exactly like this, so I would not read it as a network problem.",
        f"Output written dropped to {v('9.37 GB',O,'min')} per interval at {t('10:55',at=(O,'min'))}; usually it is {v('25.1 GB',O,'usual')} at these hours. Since {t('12:30','12:30',later=False)} it is between {v('26.1 GB',O,'12:35',dirs=(0,1))} and {v('29.7 GB',O,'max',dirs=(1,0))}.",
        f"Two alarms are still in ALARM:\n1. {n('encode-time-p90-high','encode-backlog')}, since {t('10:47','10:47')} ({d('2 h 38 min',a1,step=1)})\n2. {n('encode-backlog','encode-time-p90-high')}, since {t('11:33','11:33')} ({d('1 h 52 min',a2,step=1)})",
        f"The backlog alarm fired at {t('11:33','11:33')}, {d('46 minutes',46,step=1)} after the one on encode time. Its threshold is {v('400',400)} waiting jobs; the queue crossed that at {t('11:30','11:30')} with {v('432',J,'11:30')}.",
        f"Encode time was above its limit in all {c('23',23)} values between {t('10:35','10:35',later=False)} and {t('12:30','12:30',earlier=False)}. The lowest of them was {v('716 s',E,'10:40')} at {t('10:40',at=(E,'10:40'),tol=.03)}, so even the best interval was more than {ra('3 times',3.0,ap=.01) if 0 else 'three times'} the usual {v('214 s',E,'usual')}.",
        f"At its worst the p90 was {ra('4.2',896.7/214)} times what is usual.",
        f"Between {t('12:30','12:30')} and {t('13:15','13:15')} the queue shrank from {v('872',J,'max')} to {v('339',J,'last')}, that is by {v('533',533)} jobs in {d('45 minutes',45)}. If it goes on at that pace (roughly {v('12',533/45,ap=.03)} a minute) it may be empty in about half an hour.",
        f"Encode time and completed jobs moved in opposite directions with a rank correlation of {slot('value','-0.96',[('value x0.5..2','-0.69'),('+-10..30 %','-0.81')])} over {c('56',56)} values (F9). Jobs failed and completed jobs did too ({slot('value','-0.94',[('swap','-0.49'),('+-10..30 %','-0.78')])}, F12). That tells which metrics belong together, not which came first.",
        f"Before the incident things were quiet: {v('228 s',E,'10:30')} encode time, {v('30',J,'10:30')} waiting jobs and {v('61.1 %',G,'10:30')} GPU at {t('10:30',at=(J,'10:30'),hold=lambda x:w.P('09:00')<=x<w.P('10:40'))}.",
        f"Right now, {v('64 %',G,'last')} of the GPU is used, {v('27',K,'last')} workers are active (usual: {v('26',K,'usual')}) and {v('80',D,'last')} jobs completed in the last interval. That is {v('9',9)} more than the usual {v('71',D,'usual')}, which fits with working off a backlog.",
        f"In short:\n* start {t('10:35','10:35')}, end {t('12:30','12:30')}\n* duration {d('115 minutes',115)}\n* worst p90 {v('14.9 min',E,'max')}, limit {v('10 min',600)}\n* queue back below {v('400',400,dirs=(1,0))} at {t('13:10','13:10')}",
        f"It took the queue {d('55 minutes',55)} from the first slow interval at {t('10:35','10:35')} to cross its limit at {t('11:30','11:30')}, and another {d('40 minutes',40)} after encoding had recovered to get back below it.",
        f"By {t('11:00',at=(J,'11:00'),later=False)} already {v('215',J,'11:00',dirs=(0,1))} jobs were waiting, by {t('12:00',at=(J,'12:00'),later=False)} it were {v('650',J,'12:00',dirs=(0,1))}. So the backlog tripled within that hour.",
        f"GPU utilization went from {v('61.1 %',G,'10:30')} to {v('97.8 %',G,'10:35')} within one interval, {v('36.8',97.82-61.06)} percentage points more. Mean over the range is {v('83.6 %',G,'mean')}.",
        f"I would leave the fleet alone for now. It has {v('27',K,'last')} instances, {c('13',13)} fewer than the {v('40',K,'max')} of the incident, and encode time ({v('208 s',E,'last')}) is even a bit below the median of {v('214 s',E,'usual')}.",
    )
    w.cause(
        False,
        "The slow encodes were caused by a failing GPU driver.",
        "Jobs piled up because the S3 bucket was throttled.",
        "The timeouts were due to a memory leak in the packager.",
        "A DNS outage led to the failed jobs.",
    )
    w.cause(
        True,
        "The slowdown may have been caused by the template update of preset-pipeline at 10:28.",
        "Possibly the queue grew because each encode took so much longer.",
        "The recovery might be due to j.vermeer's change of ladder-av1-hq at 12:26.",
        "I cannot tell whether the failures came from the new preset; the job logs would show it.",
    )
