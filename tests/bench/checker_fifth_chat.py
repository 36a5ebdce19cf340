"""The fifth corpus: true paragraphs of its world "chat", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    (A, B, C), M, S, R, Q, (HA, HB, HC), G, P, E, H = w.dl, w.ms_, w.cn, w.rc, w.qd, w.hp, w.gc, w.ps, w.er, w.db
    on = w.P("19:40")
    m = lambda a, b: (w.P(b) - w.P(a)) / MIN
    no = lambda x: x < on
    w.A(
        f"It is shard {n('msg-c','msg-a','msg-b')}. Its p99 delivery delay has been above the {v('1 s',1)} limit since {t('19:50','19:50')} and stood at {v('2.9 s',C,'last')} at the end of the range, against a usual {v('339 ms',C,'usual')} (F3). msg-a and msg-b deliver normally at {v('296 ms',A,'last')} and {v('299 ms',B,'last')}.",
        f"Short version: one shard of three is sick. msg-c's heap jumped past its {v('10.5 GB',10.5e9)} limit at {t('19:40',on)} (F6), GC pauses went from about {v('46 ms',.046)} to about {v('508 ms',.508)} at that moment (F2), and the delivery delay followed at {t('19:50','19:50')} (F3). All three are still going on.",
        f"- Heap, {n('msg-c','msg-b')}: mean {v('9.8 GB',HC,'mean')}, last {v('10.8 GB',HC,'last')}\n- Heap, {n('msg-a','msg-c')}: mean {v('6.11 GB',HA,'mean')}, last {v('6.19 GB',HA,'last')}\n- Heap, {n('msg-b','msg-c')}: mean {v('6.39 GB',HB,'mean')}, last {v('6.3 GB',HB,'last')}\n\nOnly the first one is out of line; {v('6.21 GB',HC,'usual')} would be usual for it.",
        f"`release-train` updated {n('`chat-shard-c`','`presence-api`')} at {t('19:34','19:34')}, {d('6 minutes',m('19:34','19:40'),step=1)} before the first metric moved. That is the obvious suspect, but the data shows only the order of events. Rolling the shard back would show whether it may be right.",
        f"The fan-out queue is the number to watch: it has grown without a break since {t('19:40',on,later=False)}, crossed its limit of {v('20,000',20000)} at {t('21:10','21:10')} and is now at {v('28,295',Q,'last')} (F1). Usual at this hour is {v('158',158,kind='value')} to {v('235',235,kind='value')}.",
        f"The queue's ten-minute averages show how steady the growth is: {v('5,259',Q,'@20:00')} at {t('20:00',at=(Q,'@20:00'))}, {v('12,000',Q,'@20:30')} at {t('20:30',at=(Q,'@20:30'))}, {v('18,740',Q,'@21:00')} at {t('21:00',at=(Q,'@21:00'))} and {v('25,470',Q,'@21:30')} at {t('21:30',at=(Q,'@21:30'))}.",
        f"Clients notice. Roughly {v('150,208',150208)} WebSocket connections are open where {v('185,769',185769)} were usual (F8), a drop of {pc('19 %',(1-150208/185769)*100)}, and they keep reconnecting: {v('9,843',R,'last')} reconnects in the last five minutes compared with the usual {v('630',R,'usual')}.",
        f"Reconnects peaked early, with {v('10,080',R,'max')} at {t('19:55',at=(R,'max'))}, twice the limit of {v('5,000',5000)}; all {c('26',26)} values since {t('19:40',on)} are over it (F4). So this is a storm that does not calm down by itself.",
        f"Errors came later than the slowness. The {n('send error rate','GC pause',inv=False)} stayed at its usual {v('0.18 %',E,'usual')} until {t('20:20','20:20')}, then went over the {v('1 %',1)} limit and reached {v('2.21 %',E,'max')} at {t('21:20',at=(E,'max'))} (F5). That is {d('40 minutes',m('19:40','20:20'))} after GC pauses and heap went up.",
        f"F10 puts GC pauses {d('35 min',35)} ahead of the send errors, with a rank correlation of {slot('value','0.94',[('+-10..30 %','0.79'),('value x0.5..2','0.52')])} over {c('44',44)} values. A long pause on {n('msg-c','msg-a')} may be what the senders run into, though a correlation cannot prove it.",
        f"Two incidents are open. {n('reconnect-storm')} has been in ALARM since {t('19:46','19:46')}, which makes {d('2 h 4 min',m('19:46','21:50'),step=1)}; {n('delivery-delay-shard-c')} followed {d('7 minutes',7,step=1)} later, at {t('19:53','19:53')}.",
        f"The log query scanned {v('412 MB',412e6)} and found {v('18,802',18802,kind='count')} dropped messages. {v('15,630',15630,kind='count')} of them are `heap_pressure` on {n('msg-c','msg-a')}, so {pc('83 %',15630/18802*100)}; another {v('2,944',2944,kind='count')} are `ack_timeout` on the same shard.",
        f"For comparison, {n('msg-a','msg-c')} had just {v('228',228,kind='count')} drops, all of them `ack_timeout`. On {n('msg-c','msg-a')} that reason alone accounts for {v('2,944',2944,kind='count')}, about {ra('13 times',2944/228,ap=.03)} as many.",
        f"Traffic does not explain it: {v('407,931',M,'mean')} messages per five minutes on average and {v('391,825',M,'last')} at the end are within what is usual at these hours, {v('391,781',391781)} to {v('421,138',421138)}. The peak of the evening was {v('422,241',M,'max')} at {t('20:05',at=(M,'max'))}.",
        f"Push notifications are up, probably because people are offline more: about {v('93,044',93044)} per interval instead of {v('57,687',57687)} (F7). That is {pc('61 %',(93044/57687-1)*100)} more. The highest count was {v('97,922',P,'max')} at {t('20:20',at=(P,'max'))}.",
        f"Reading history is fine. {n('History read latency','Delivery delay p99',inv=False)} averaged {v('19.3 ms',H,'mean')} and never left {v('18.1 ms',H,'min',dirs=(0,1))} to {v('20.7 ms',H,'max',dirs=(1,0))}, so the database behind it is an unlikely culprit.",
        f"Timeline:\n1. {t('19:34','19:34')} deploy of {n('`chat-shard-c`','`presence-api`')} by `release-train`\n2. {t('19:40',on)} heap of msg-c over {v('10.5 GB',10.5e9)} (F6), reconnects over {v('5,000',5000)} (F4)\n3. {t('19:50','19:50')} delivery delay on msg-c over {v('1 s',1)} (F3)\n4. {t('20:20','20:20')} send error rate over {v('1 %',1)} (F5)\n5. {t('21:10','21:10')} fan-out queue over {v('20,000',20000)} (F1)",
        f"Is it getting worse? For delay, hardly: msg-c's p99 averaged {v('2,780 ms',C,'@20:30')} at {t('20:30',at=(C,'@20:30'))} and {v('2,884 ms',C,'@21:40')} at {t('21:40',at=(C,'@21:40'))}. For the queue, yes: from {v('12,000',Q,'@20:30')} to {v('27,720',Q,'@21:40')} in the same time, {ra('2.3 times',27720/12000)} as long.",
        f"k.wojcik's update of {n('`presence-api`','`chat-shard-c`')} at {t('20:27','20:27')} came {d('47 minutes',m('19:40','20:27'),step=1)} after the trouble began, so it cannot have started it. The same goes, the other way round, for the parameter {n('`/chat/fanout/batch`')}: it was changed at {t('17:05','17:05')}, {d('2 h 35 min',m('17:05','19:40'))} before, and nothing moved then.",
        f"In the {slot('duration','40 minutes',[])} before the jump the heap of msg-c sat between {v('6.1 GB',HC,'min',dirs=(0,1))} and {v('6.31 GB',6.308e9,dirs=(1,0))}. Since then it has peaked at {v('11 GB',HC,'max')} ({t('21:30',at=(HC,'max'))}), {pc('77 %',(11/6.21-1)*100,ap=.01)} above its usual median of {v('6.21 GB',HC,'usual')}.",
        f"{n('GC pause p95','History read latency','Delivery delay p99 of msg-a',inv=False)} hit {v('589 ms',G,'max')} at worst, {ra('13 times',589/45.4,ap=.01)} the median of {v('45.4 ms',G,'usual')}. The latest reading is {v('504 ms',G,'last')}. Between {t('19:00','19:00',hold=lambda x:x<on)} and {t('19:40',on,earlier=False)} it never exceeded {v('49.6 ms',G,'^19:10',dirs=(1,0))}.",
        f"Had I to pick one action it would be on msg-c only, since its delay of {v('2.9 s',C,'last')} is nearly {ra('10 times',2904/296,ap=.03)} that of {n('msg-a','msg-c')} ({v('296 ms',A,'last')}), while traffic and history reads are normal.",
        f"{n('Open connections','Reconnects',inv=False)} fell in one step: {v('186,300',S,'@19:30')} on average in the ten minutes from {t('19:30',at=(S,'@19:30'),hold=no)}, {v('152,200',S,'@19:40')} in those from {t('19:40',at=(S,'@19:40'))}. They have drifted slightly lower since, to {v('146,663',S,'last')}; the low was {v('145,057',S,'min')} at {t('21:30',at=(S,'min'))}.",
        f"I can't tell from this who changed the heap settings, if anyone did. What the data has is {c('3',3,big=False)} changes since 15:00, the last of them at {t('20:27','20:27')}, and a heap on msg-c that was over its limit in {c('26',26)} of {c('26',26)} values (F6).",
        f"**Impact so far:** delay on msg-c over its limit for {d('2 hours',120,step=60)}, reconnects for {d('2 h 10 min',130)}, failed sends for {d('1 h 30 min',90)}, and a queue that has been over its limit for {d('40 minutes',40)}.",
        f"Nothing points to the other shards. {n('msg-b','msg-c')} had its highest delay, {v('308 ms',B,'max')}, at {t('19:40',at=(B,'max'))} and {n('msg-a','msg-c')} its own, {v('337 ms',A,'max')}, at {t('19:35',at=(A,'max'))}; both are about what these shards show on any evening ({v('289 ms',B,'usual')} and {v('312 ms',A,'usual')} in the median).",
        f"Failed sends: {v('2.04 %',E,'last')} right now, so a little over {ra('11 times',2.04/.18,ap=.03)} the usual {v('0.18 %',E,'usual')}. Averaged over the whole range it is {v('1.16 %',E,'mean')}, which hides that there were none to speak of before {t('20:20','20:20',earlier=False)}.",
    )
    w.cause(
        False,
        "The delay was caused by a network partition between the shards.",
        "Reconnects rose because the TLS certificate of the edge expired.",
        "A slow history database led to the fan-out backlog.",
        "Sends fail due to a bug in the mobile app.",
    )
    w.cause(
        True,
        "The update of chat-shard-c at 19:34 may have led to the heap growth on msg-c.",
        "Possibly the reconnects come from clients that time out while msg-c collects garbage.",
        "Whether the GC pauses cause the send errors is not shown; F10 only says that they move together.",
        "The larger number of pushes might be a consequence of people losing their connection.",
    )


def beside(w):
    """What is derived stands beside what it came from."""
    (A, B, C), M, S, R, Q, (HA, HB, HC), G, P, E, H = w.dl, w.ms_, w.cn, w.rc, w.qd, w.hp, w.gc, w.ps, w.er, w.db
    on = w.P("19:40")
    w.A(
        f"Messages are late because of {n('msg-c','msg-a')} alone. The delivery delay p99 of msg-c went from its usual {v('339 ms',C,'usual')} to {v('2.9 s',C,'last')}, {ra('8.6 times',2.9/.339)} as much, and has been over the limit of {v('1 s',1)} since {t('19:50','19:50')} (F3).",
        f"The heap of {n('msg-c','msg-b')} is at {v('10.8 GB',HC,'last')}, where {v('6.21 GB',HC,'usual')} is usual, so {pc('74 %',(10.8/6.21-1)*100)} more. It crossed the limit of {v('10.5 GB',10.5e9)} at {t('19:40',on)} and has not come back (F6).",
        f"`release-train` updated {n('`chat-shard-c`','`presence-api`')} at {t('19:34','19:34')}; GC pause p95 rose at {t('19:40',on)}, {d('6 minutes',6,step=1)} later, from about {v('46 ms',.046)} to about {v('508 ms',.508)}, {ra('11 times',508/46)} as long (F2). The update may be the cause. A rollback of that service would show it.",
        f"Send errors: from {v('0.18 %',E,'usual')}, the usual rate, to {v('2.21 %',E,'max')} at {t('21:20',at=(E,'max'))}, {ra('12 times',2.21/.18,ap=.03)} as much. The send error rate has been over its limit of {v('1 %',1)} since {t('20:20','20:20')} (F5), and stands at {v('2.04 %',E,'last')} now.",
        f"The fan-out queue depth is growing. It was {v('12,000',Q,'@20:30')} on average in the ten minutes from {t('20:30',at=(Q,'@20:30'))} and {v('25,470',Q,'@21:30')} in those from {t('21:30',at=(Q,'@21:30'))}, {ra('2.1 times',25470/12000)} as many, with the limit of {v('20,000',20000)} passed at {t('21:10','21:10')} (F1).",
        f"Open WebSocket connections fell from about {v('185,769',185769)} to about {v('150,208',150208)} at {t('19:40',on)}, {pc('19 %',(1-150208/185769)*100)} fewer (F8). Reconnects rose at the same time, from a usual {v('630',R,'usual')} to {v('10,080',R,'max')} at {t('19:55',at=(R,'max'))}, {ra('16 times',10080/630)} as many (F4).",
        f"Dropped messages in the logs: {v('15,630',15630,kind='count')} of {v('18,802',18802,kind='count')}, which is {pc('83 %',15630/18802*100)}, were dropped by {n('msg-c','msg-a')} for `heap_pressure`; {v('2,944',2944,kind='count')} by msg-c for `ack_timeout`; {v('228',228,kind='count')} by {n('msg-a','msg-c')} for `ack_timeout`.",
        f"Open incidents: {n('reconnect-storm')}, in ALARM since {t('19:46','19:46')} ({d('2 h 4 min',124,step=1)} until now, 21:50), and {n('delivery-delay-shard-c')}, in ALARM since {t('19:53','19:53')} ({d('1 h 57 min',117,step=1)}).",
        f"What is **not** involved: {n('history read latency','GC pause',inv=False)} ({v('18.3 ms',H,'last')} now, {v('19.6 ms',H,'usual')} usually), messages sent ({v('391,825',M,'last')} now, {v('406,614',M,'usual')} usually), and the delivery delay of {n('msg-b','msg-c')} ({v('299 ms',B,'last')} now, {v('289 ms',B,'usual')} usually).",
        f"GC pauses led the send errors by {d('35 min',35)} (F10, rank correlation {slot('value','0.94',[('+-10..30 %','0.77'),('swap','0.49')])} over {c('44',44)} values): GC pauses went up at {t('19:40',on)}, the send error rate at {t('20:20','20:20')}. This ordering fits a heap problem that reaches the senders late, but it may be a coincidence.",
        f"Push notifications rose from about {v('57,687',57687)} to about {v('93,044',93044)} at {t('19:40',on)}, {pc('61 %',(93044/57687-1)*100)} more (F7). They follow the connections down, F8, and may just replace what cannot be delivered over a socket.",
    )
