"""The fifth corpus: true paragraphs of its world "scada", each figure with what it is altered to."""
from tests.bench.checker_corpus import *  # noqa: F403


def paras(w):
    (P2, P3, P4), TG, RT, LS, OU, (S2, S3, S4), OT, KW, UP, CF = w.pk, w.tg, w.rt, w.ls, w.ou, w.sc, w.ot, w.kw, w.bt, w.cf
    P = w.P
    a, b, a2, b2 = P("09:25"), P("10:50"), P("13:05"), P("13:30")
    e1 = lambda x: a <= x < b
    e2 = lambda x: a2 <= x < b2
    out = lambda x: e1(x) or e2(x)
    m = lambda p, q: (P(q) - P(p)) / MIN
    w.A(
        f"Line L4 stood still twice today: from {t('09:25',a)} to {t('10:50',b)} and again from {t('13:05',a2)} to {t('13:30',b2)} (F9, F10). That is {d('1 h 25 min',85)} and {d('25 min',25)}. It has been producing normally since, {v('132',P4,'last')} parts in the last five minutes.",
        f"Both stops came with network loss in the cell. It was up to {v('9.12 %',LS,'max')} in the first one, at {t('10:00',at=(LS,'max'))} (F2), and up to {v('3.16 %',3.16)} in the second, at {t('13:10','13:10',hold=lambda x: e2(x) and False)} (F5). The limit is {v('1 %',1)}; {v('0.06 %',LS,'usual')} is usual.",
        f"Lines {n('L2','L4',inv=False)} and {n('L3','L4',inv=False)} ran through all of it. L2 made {v('142',P2,'mean')} parts per five minutes on average and never fewer than {v('137',P2,'min',dirs=(0,1))}, L3 made {v('118',P3,'mean')} and never fewer than {v('113',P3,'min',dirs=(0,1))}.",
        f"The {n('PLC poll time','oven temperature',inv=False)} shows how badly the controllers could be reached: {v('432 ms',RT,'max')} at {t('10:30',at=(RT,'max'))} compared with {v('28.4 ms',RT,'usual')} usually, {ra('15 times',432.5/28.4)} as long (F4). In the afternoon it was {v('186 ms',.1858)} at most, which is {v('66 ms',.186-.12)} over the limit of {v('120 ms',.12)} (F6).",
        f"Somebody, or something, changed the gateway right before the first stop. `ot-provisioner` updated the thing shadow of {n('`gw-cell-4`','`gw-cell-2`')} at {t('09:17','09:17')}, {d('8 minutes',8,step=1)} before L4 stopped. p.novotny updated it again at {t('10:43','10:43')}, and {d('7 minutes',7,step=1)} after that the line was running.",
        f"Before the second stop there is a change too: a deployment of {n('`edge-historian`','`gw-cell-4`')} by `ot-provisioner` at {t('13:01','13:01')}, {d('4 minutes',4,step=1)} earlier. Network loss ended at {t('13:30',b2)} without any further change in the data, so this one may just have been the load of the rollout.",
        f"What the stops cost: L4 usually makes {v('131',P4,'usual')} parts in five minutes, and it made none during {c('17',17)} intervals in the morning and {c('5',5)} around lunch.",
        f"After the restart there was scrap. L4's {n('scrap rate','network loss',inv=False)} was over {v('5 %',5)} from {t('10:50',b)} to {t('11:35','11:35')}, at worst {v('7.66 %',S4,'max')} at {t('11:30',at=(S4,'max'))} (F11). The usual figure is {v('2.12 %',S4,'usual')}, so it was {ra('3.6 times',7.66/2.12)} as much. {n('L2','L4',inv=False)} and {n('L3','L4',inv=False)} stayed at {v('1.9 %',S2,'mean')} and {v('2.34 %',S3,'mean')} on average.",
        f"Scrap is back at {v('2.07 %',S4,'last')} on L4. The second stop, for comparison, left no trace there: in the twenty minutes from {t('13:40',at=(S4,'@13:40'),hold=lambda x:True)} it was {v('2.08 %',S4,'@13:40')}.",
        f"The curing oven cooled down: {v('166 °C',OT,'min')} at {t('10:15',at=(OT,'min'),hold=lambda x:P('10:05')<=x<b)}, with a lower limit of {v('175 °C',175)} and {v('184 °C',184)} as its usual temperature. It was under the limit from {t('09:45','09:45')} to {t('10:50',b)}, {d('65 minutes',65)} (F8). Parts that were inside at that time should be checked.",
        f"It took the oven {d('20 minutes',20)} from the beginning of the stop at {t('09:25',a)} to fall below {v('175 °C',175)}. During the second stop it did not cool noticeably ({v('184.2',OT,'@13:00')} on average in the twenty minutes from {t('13:00',at=(OT,'@13:00'),hold=lambda x:True)}), probably because that one was short.",
        f"No data should be lost. The gateway's outbox filled up to {v('288 MB',OU,'max')} at {t('10:45',at=(OU,'max'))}, went over {v('150 MB',150e6)} at {t('10:10','10:10')} (F1), and is down to {v('4.47 MB',OU,'last')} again. It behaved normally during the second stop.",
        f"Outbox, averaged over twenty minutes each:\n- {t('09:40',at=(OU,'@09:40'))}: {v('83.8 MB',OU,'@09:40')}\n- {t('10:00',at=(OU,'@10:00'))}: {v('155 MB',OU,'@10:00')}\n- {t('10:20',at=(OU,'@10:20'))}: {v('226 MB',OU,'@10:20')}\n- {t('11:00',at=(OU,'@11:00'),hold=lambda x:x>=b)}: {v('4.36 MB',OU,'@11:00')}",
        f"{n('Late tag updates','Configuration pushes',inv=False)} reached {v('1,870',TG,'max')} at {t('10:40',at=(TG,'max'))} in the morning (F3) and {v('674',674)} at {t('13:25','13:25')} after lunch (F7). With {v('500',500)} allowed, all {c('17',17)} and all {c('5',5)} values of the two periods were too high.",
        f"Morning against afternoon, maximum each: poll time {v('432 ms',RT,'max')} and {v('186 ms',.1858)}, network loss {v('9.12 %',LS,'max')} and {v('3.16 %',3.16)}, late tags {v('1,870',TG,'max')} and {v('674',674)}. In loss and late tags the second event was roughly a third of the first.",
        f"The logs name one gateway above all: {v('5,107',5107,kind='count')} `modbus_timeout` and {v('892',892,kind='count')} `crc_mismatch` on {n('`gw-cell-4`','`gw-cell-2`')}, against {v('219',219,kind='count')} timeouts on {n('`gw-cell-2`','`gw-cell-4`')}. That makes {pc('96 %',(5107+892)/6218*100)} of the {v('6,218',6218,kind='count')} rows.",
        f"The CRC errors ({v('892',892,kind='count')}) would fit a bad cable or a wrong line setting on {n('gw-cell-4','gw-cell-2')}; I have no data on either. Timeouts are {ra('5.7 times',5107/892)} as frequent.",
        f"Incidents: {n('plc-poll-slow')} is open since {t('09:33','09:33')}, {n('cell-network-loss')} since {t('13:12','13:12')}. At {t('15:20',w.until)} that is {d('5 h 47 min',m('09:33','15:20'),step=1)} and {d('2 h 8 min',m('13:12','15:20'),step=1)}, but the values behind both are back to normal.",
        f"Power fits the picture. The plant drew {v('1,022 kW',KW,'min')} at the least, {pc('17.5 %',(1-1022/1239)*100)} below the usual {v('1,239 kW',KW,'usual')}, while L4 was down (F12). The average of the day so far is {v('1,208 kW',KW,'mean')}.",
        f"It wasn't the electricity supply: UPS charge has been between {v('98.6 %',UP,'min',dirs=(0,1))} and {v('99.6 %',UP,'max',dirs=(1,0))} all day, last {v('98.8 %',UP,'last')}, and its limit is {v('80 %',80)}.",
        f"Configuration pushes at {t('06:00','06:00')} ({v('24',CF,'max')}) are routine; the same happened on {c('21',21)} of {c('21',21)} days before (F18). They have nothing to do with a stop that began {d('3 h 25 min',m('06:00','09:25'))} later.",
        f"`sec-audit` attached a policy to {n('`gw-cell-2`','`gw-cell-4`')} at {t('07:28','07:28')}. That is the other gateway and 1 h 57 min before the stop, so I'd put it last on the list.",
        f"Sequence of the morning: shadow update {t('09:17','09:17')}, line down {t('09:25',a)}, alarm {n('plc-poll-slow','cell-network-loss')} {t('09:33','09:33')}, oven under {v('175 °C',175)} {t('09:45','09:45')}, outbox over {v('150 MB',150e6)} {t('10:10','10:10')}, second shadow update {t('10:43','10:43')}, line up {t('10:50',b)}, scrap normal {t('11:35','11:35',later=False)}.",
        f"F13 says that L4's output and the poll time mirror each other (rank correlation {slot('value','-0.97',[('swap','-0.79'),('+-10..30 %','-0.81')])}, {c('57',57)} values), and F17 says the same of output and network loss ({slot('value','-0.96',[('swap','-0.69'),('+-10..30 %','-0.78')])}). Whether the network stopped the line or both suffered from the shadow update would have to be tried out.",
        f"In the twenty-minute average from {t('09:40',at=(RT,'@09:40'))} the poll time was {v('380 ms',RT,'@09:40')}, from {t('10:20',at=(RT,'@10:20'))} {v('400 ms',RT,'@10:20')} and from {t('11:00',at=(RT,'@11:00'),hold=lambda x:not out(x))} just {v('28.1 ms',RT,'@11:00')}.",
        f"Answer to the question: the line stopped at {t('09:25',a)} when the cell lost its network, {d('8 minutes',8,step=1)} after a shadow update of {n('gw-cell-4','gw-cell-2')}. It came back at {t('10:50',b)}, made {v('132',P4,'@11:00')} parts per interval from {t('11:00',at=(P4,'@11:00'),hold=lambda x:not out(x))} on, and stopped once more at {t('13:05',a2)}.",
    )
    w.cause(
        False,
        "Line 4 stopped because of a blown fuse in the cabinet.",
        "The oven cooled down due to a broken heating element.",
        "Scrap rose because the raw material was damp.",
        "Packet loss was caused by a forklift that cut a cable.",
    )
    w.cause(
        True,
        "The shadow update of 09:17 may have broken the polling of gw-cell-4.",
        "The scrap after 10:50 might come from parts that stayed in the cold oven.",
        "Perhaps the deployment of edge-historian at 13:01 overloaded the cell network.",
        "It is unclear whether the network loss stopped the line; they moved together (F17).",
    )


def beside(w):
    """What is derived stands beside what it came from."""
    (P2, P3, P4), TG, RT, LS, OU, (S2, S3, S4), OT, KW, UP, CF = w.pk, w.tg, w.rt, w.ls, w.ou, w.sc, w.ot, w.kw, w.bt, w.cf
    P = w.P
    a, b, a2, b2 = P("09:25"), P("10:50"), P("13:05"), P("13:30")
    e1 = lambda x: a <= x < b
    e2 = lambda x: a2 <= x < b2
    w.A(
        f"Line L4 produced nothing from {t('09:25',a)} to {t('10:50',b)}, {d('1 h 25 min',85)} (F9), and from {t('13:05',a2)} to {t('13:30',b2)}, {d('25 min',25)} (F10). L4's last value is {v('132',P4,'last')} parts, next to the usual {v('131',P4,'usual')}.",
        f"`ot-provisioner` updated the shadow of {n('`gw-cell-4`','`gw-cell-2`')} at {t('09:17','09:17')}, and L4 stopped at {t('09:25',a)}, {d('8 minutes',8,step=1)} later. p.novotny updated the shadow of gw-cell-4 at {t('10:43','10:43')}, and L4 ran again at {t('10:50',b)}, {d('7 minutes',7,step=1)} later. That may be cause and remedy.",
        f"Cell network loss was over its limit of {v('1 %',1)} during both stops: highest {v('9.12 %',LS,'max')} at {t('10:00',at=(LS,'max'))} in the morning (F2), highest {v('3.16 %',3.16)} at {t('13:10','13:10',(LS,'13:10'))} in the afternoon (F5). Its last value is {v('0.06 %',LS,'last')}.",
        f"PLC poll time p95 rose from a usual {v('28.4 ms',RT,'usual')} to {v('432 ms',RT,'max')} at {t('10:30',at=(RT,'max'))}, {ra('15 times',432/28.4)} as much (F4), and to {v('186 ms',.1858)} at {t('13:10','13:10',(RT,'13:10'))} in the second stop (F6). The limit of PLC poll time is {v('120 ms',.12)}.",
        f"The scrap rate of {n('L4','L2',inv=False)} rose from a usual {v('2.12 %',S4,'usual')} to {v('7.66 %',S4,'max')} at {t('11:30',at=(S4,'max'))}, {ra('3.6 times',7.66/2.12)} as much, and was over its limit of {v('5 %',5)} from {t('10:50',b)} to {t('11:35','11:35')}, {d('45 minutes',45)} (F11).",
        f"The curing oven temperature was under its limit of {v('175',175)} from {t('09:45','09:45')} to {t('10:50',b)}, {d('65 minutes',65)}, lowest {v('166',OT,'min')} at {t('10:15',at=(OT,'min'),hold=lambda x:P('10:05')<=x<b)} (F8). Its last value is {v('185',OT,'last')}.",
        f"The gateway outbox grew from a usual {v('4.18 MB',OU,'usual')} to {v('288 MB',OU,'max')} at {t('10:45',at=(OU,'max'))}, {ra('69 times',288/4.18)} as much, and was over its limit of {v('150 MB',150e6)} from {t('10:10','10:10')} to {t('10:50',b)}, {d('40 minutes',40)} (F1).",
        f"Late tag updates were over their limit of {v('500',500)} from {t('09:25',a,hold=e1)} to {t('10:50',b,hold=e1)}, highest {v('1,870',TG,'max')} at {t('10:40',at=(TG,'max'))} (F3), and from {t('13:05',a2,hold=e2)} to {t('13:30',b2,hold=e2)}, highest {v('674',674)} at {t('13:25','13:25')} (F7). Late tag updates are {v('36',TG,'last')} now, where {v('38',TG,'usual')} are usual.",
        f"Of {v('6,218',6218,kind='count')} error rows, {v('5,107',5107,kind='count')} are `modbus_timeout` of {n('`gw-cell-4`','`gw-cell-2`')}, {pc('82 %',5107/6218*100)}, {v('892',892,kind='count')} are `crc_mismatch` of gw-cell-4, {pc('14 %',892/6218*100)}, and {v('219',219,kind='count')} are `modbus_timeout` of {n('`gw-cell-2`','`gw-cell-4`')}.",
        f"Incidents: {n('plc-poll-slow')} has been in ALARM since {t('09:33','09:33')}, {d('5 h 47 min',347,step=1)} until 15:20, and {n('cell-network-loss')} since {t('13:12','13:12')}, {d('2 h 8 min',128,step=1)} until 15:20. PLC poll time ({v('26.7 ms',RT,'last')}) and cell network loss ({v('0.06 %',LS,'last')}) are normal now.",
        f"Configuration pushes rose to {v('24',CF,'max',other=False)} at {t('06:00',P('06:00'))}, as on {c('21',21)} of {c('21',21)} days before (F18): that is routine. Plant power fell to {v('1,022',KW,'min')} at {t('09:55','09:55',(KW,'09:55'))}, where {v('1,198',1198)} to {v('1,300',1300)} are usual (F12), which goes with L4 standing still.",
    )
