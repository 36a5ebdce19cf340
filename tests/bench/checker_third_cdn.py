"""The third corpus: true paragraphs of its world "cdn", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    (H1, H2, H3), E, R, L, X, T, D, P = w.hit, w.eg, w.og, w.ol, w.e5, w.tls, w.dk, w.pg
    inc = lambda x: w.a <= x < w.b
    no = lambda x: not inc(x)
    al = w.a + 71 * MIN
    pop = lambda x, *o: n(x, *o)
    w.A(
        f"The week was calm except for Thursday. On {t('Thu 10 Dec 03:00',w.a)} the cache hit ratio of {pop('fra2','iad7','nrt4')} collapsed from its usual {v('94.6 %',H1,'usual')} and it stayed low until {t('Thu 10 Dec 14:00',w.b)}; the lowest value was {v('58.9 %',H1,'min')} (F3).",
        f"During these {d('11 hours',660,step=60)} the edge answered more requests with errors than it may: the 5xx rate was over the limit of {v('1 %',1)} throughout and reached {v('3.18 %',X,'max')} at {t('Thu 10 Dec 12:00',at=(X,'max'),hold=inc)} (F1).",
        f"The other two locations did not notice. {pop('iad7','fra2')} averaged {v('93.1 %',H2,'mean')} over the week and {pop('nrt4','fra2')} {v('91.8 %',H3,'mean')}, both above the limit of {v('85 %',85)} at all times (minimum {v('92.3 %',H2,'min')} and {v('91 %',H3,'min')}).",
        f"Misses went to the origin. It served {v('7,823/s',R,'max')} at {t('Thu 10 Dec 13:00',at=(R,'max'))}, the highest of the week, compared with a mean of {v('2,461/s',R,'mean')}. The limit of {v('9,000/s',9000)} was not reached.",
        f"Origin latency (p95) suffered accordingly: {v('872 ms',L,'max')} at {t('Thu 10 Dec 11:00',at=(L,'max'),hold=inc)}, {ra('4.9 times',871.5/178)} the usual {v('178 ms',L,'usual')}, with a limit of {v('500 ms',.5)} (F4).",
        f"What happened just before: `catalog-sync` created an invalidation on {n('`E2QX7PL94KD0WN`','`static-assets-v3`')} at {t('Thu 10 Dec 02:05',w.ch[0])}, and purge requests rose to {v('41,275',P,'max')} in the hour from 02:00 (F2); usual are {v('47',47,ap=.01)} to {v('81',80.9)}. The cold cache may be the result of it.",
        f"It ended soon after n.adeyemi updated the distribution at {t('Thu 10 Dec 13:54',w.ch[1])}, {d('6 minutes',6,step=1)} before hit ratio and latency returned to normal at 14:00.",
        f"Logs of that period: {v('61480',61480,kind='count')} responses with 504 for {n('`/img/catalog`','`/img/hero`','`/api/geo`')}, {v('30117',30117,kind='count')} with 504 for {n('`/img/hero`','`/img/catalog`')} and {v('6653',6653,kind='count')} with 503 for {n('`/api/geo`','`/img/hero`')}.",
        f"Nearly two thirds, {pc('62.6 %',61480/98250*100)} to be exact, of the {v('98250',98250,kind='count')} logged errors were for `/img/catalog`.",
        f"There is one open incident, {n('edge-5xx-above-1pct')}. It has been in ALARM since {t('Thu 10 Dec 04:11',al)}, that is for {d('4 d 5 h',(w.now-al)/MIN,step=60)}, although the rate it watches has been normal since {t('Thu 10 Dec 14:00',w.b,later=False)}. Somebody should look at why it does not clear.",
        f"- Hit ratio fra2: {v('95 %',H1,'last')}\n- Hit ratio iad7: {v('93.6 %',H2,'last')}\n- Hit ratio nrt4: {v('92.2 %',H3,'last')}\n- 5xx rate: {v('0.184 %',X,'last')}\n- Origin latency p95: {v('182 ms',L,'last')}\n\nThese are the latest values, all of them inside their usual bands.",
        f"Traffic itself was as ever. Egress peaked at {v('19.4 GB/s',E,'max')} ({t('Sun 13 Dec 19:00',at=(E,'max'),hold=lambda x:16<=w.hour(x)<=23)}), had its low of {v('7.2 GB/s',E,'min')} on {t('Tue 8 Dec 07:00',at=(E,'min'),hold=lambda x:3<=w.hour(x)<=10)}, and the weekly mean of {v('13.1 GB/s',E,'mean')} is next to the usual {v('13.2 GB/s',E,'usual')}.",
        f"Please plan for disk. The cache disks are {v('76.8 %',D,'last')} full and fill by {v('0.97 %',.97)} a day; the limit of {v('90 %',90)} would be reached in about {d('13 days',13*1440+720)} (F5).",
        f"Cache disk use was {v('42.9 %',42.9)} on 9 November and is {v('76.9 %',76.9)} now, so it has grown by {v('34',34,kind='percent')} points in five weeks.",
        f"TLS handshakes are unremarkable: {v('27.5 ms',T,'mean')} on average, between {v('25.9 ms',T,'min',dirs=(0,1))} and {v('29.1 ms',T,'max',dirs=(1,0))} all week.",
        f"Averages hide the incident quite well. The week's mean 5xx rate is {v('0.385 %',X,'mean')}, against {v('0.209 %',X,'usual')} usually; mean origin latency is {v('220 ms',L,'mean')}, which is {pc('24 %',(220.36/178-1)*100)} more than usual.",
        f"Over all {c('11',11)} hourly values of the incident the hit ratio of fra2 was under the limit of {v('85 %',85)}. At the bottom it was {v('26.1',85-58.9,kind='percent')} percentage points short of it.",
        f"Origin requests and 5xx rate rose and fell together (rank correlation {slot('value','0.99',[('+-10..30 %','0.81'),('value x0.5..2','0.55')])} over {c('47',47)} values, F6), and the hit ratio of fra2 moved against both ({slot('value','-0.98',[('swap','-0.89'),('+-10..30 %','-0.74')])}, F7 and F8).",
        f"In four-hour means, fra2's hit ratio read {v('70.4 %',H1,'@Thu 10 Dec 02:00')} from {t('Thu 10 Dec 02:00',at=(H1,'@Thu 10 Dec 02:00'),step=240)} on, then {v('62 %',H1,'@Thu 10 Dec 06:00')}, then {v('61 %',H1,'@Thu 10 Dec 10:00')}, and {v('94.4 %',H1,'@Thu 10 Dec 14:00')} from {t('Thu 10 Dec 14:00',at=(H1,'@Thu 10 Dec 14:00'),hold=no)}.",
        f"The alarm needed a while: errors exceeded {v('1 %',1,ok=lambda y:y<2.6)} at {t('Thu 10 Dec 03:00',w.a)} and edge-5xx-above-1pct fired at {t('Thu 10 Dec 04:11',al)}, {d('71 minutes',71)} later.",
        f"edge-ci changed the policy {n('`static-assets-v3`','`E2QX7PL94KD0WN`')} on {t('Tue 8 Dec 22:00',w.ch[2])}. That is more than a day, {d('29 hours',29*60,step=60)}, before the hit ratio fell, so I would look at the invalidation first.",
        f"Worst hour by metric:\n1. 5xx rate {v('3.18 %',X,'max')} at {t('Thu 10 Dec 12:00',at=(X,'max'),hold=inc)}\n2. Hit ratio fra2 {v('58.9 %',H1,'min')} at {t('Thu 10 Dec 12:00',at=(H1,'min'),hold=inc)}\n3. Origin requests {v('7,823/s',R,'max')} at {t('Thu 10 Dec 13:00',at=(R,'max'))}",
        f"Is fra2 healthy again? As far as the data goes, yes. Its last value is {v('95 %',H1,'last')}, slightly better than the median of {v('94.6 %',H1,'usual')}, and origin requests are down to {v('1,243/s',R,'last')}.",
        f"Purges look normal now with {v('49',P,'last')} in the last hour; the usual number is {v('64',P,'usual')}. The {v('41,275',P,'max')} of {t('Thu 10 Dec 02:00',at=(P,'max'))} remain the only outlier in the {d('7 days',7*1440,step=1440)}.",
        f"Origin latency was {v('176 ms',L,'@Mon 7 Dec 14:00')} on average in the four hours from {t('Mon 7 Dec 14:00',at=(L,'@Mon 7 Dec 14:00'),hold=no)}, before the incident, and {v('801 ms',L,'@Thu 10 Dec 06:00')} in those from {t('Thu 10 Dec 06:00',at=(L,'@Thu 10 Dec 06:00'),hold=inc)}.",
        f"Compared with its limit of {v('500 ms',.5)}, the origin's p95 of {v('872 ms',L,'max')} was too high by {v('372 ms',.372)}, or {pc('74 %',(.8715/.5-1)*100)}.",
        f"I found nothing wrong on the other days. On {t('Fri 11 Dec 02:00',at=(X,'@Fri 11 Dec 02:00'),hold=no)} the mean 5xx rate was {v('0.235 %',X,'@Fri 11 Dec 02:00')}, and origin requests on the evening of the same day got to {v('3,180/s',R,'^Fri 11 Dec 18:00')}.",
        f"To prevent a repeat, invalidations as big as that of {t('Thu 10 Dec 02:05',w.ch[0])} could be split. The hour of it saw {v('41,275',P,'max')} purge requests, about {ra('640 times',41275/64,ap=.03)} the usual {v('64',P,'usual')}.",
    )
    w.cause(
        False,
        "The hit ratio fell because a cable to Frankfurt was cut.",
        "The 5xx errors were caused by a DDoS attack.",
        "Origin latency rose due to an expired TLS certificate.",
        "A faulty disk in fra2 led to the misses.",
    )
    w.cause(
        True,
        "The drop may have been caused by the invalidation that catalog-sync created at 02:05 on 10 December.",
        "Perhaps the origin slowed down because it had to serve the misses of fra2.",
        "The recovery might come from n.adeyemi's update of the distribution.",
        "Whether the edge errors stem from the slow origin can't be proven here; both moved together (F6).",
    )
