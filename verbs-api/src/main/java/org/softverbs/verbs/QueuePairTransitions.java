package org.softverbs.verbs;

import static org.softverbs.verbs.QueuePairAttribute.ACCESS_FLAGS;
import static org.softverbs.verbs.QueuePairAttribute.ALT_PATH;
import static org.softverbs.verbs.QueuePairAttribute.AV;
import static org.softverbs.verbs.QueuePairAttribute.CUR_STATE;
import static org.softverbs.verbs.QueuePairAttribute.DEST_QPN;
import static org.softverbs.verbs.QueuePairAttribute.EN_SQD_ASYNC_NOTIFY;
import static org.softverbs.verbs.QueuePairAttribute.MAX_DEST_RD_ATOMIC;
import static org.softverbs.verbs.QueuePairAttribute.MAX_QP_RD_ATOMIC;
import static org.softverbs.verbs.QueuePairAttribute.MIN_RNR_TIMER;
import static org.softverbs.verbs.QueuePairAttribute.PATH_MIG_STATE;
import static org.softverbs.verbs.QueuePairAttribute.PATH_MTU;
import static org.softverbs.verbs.QueuePairAttribute.PKEY_INDEX;
import static org.softverbs.verbs.QueuePairAttribute.PORT;
import static org.softverbs.verbs.QueuePairAttribute.QKEY;
import static org.softverbs.verbs.QueuePairAttribute.RETRY_CNT;
import static org.softverbs.verbs.QueuePairAttribute.RNR_RETRY;
import static org.softverbs.verbs.QueuePairAttribute.RQ_PSN;
import static org.softverbs.verbs.QueuePairAttribute.SQ_PSN;
import static org.softverbs.verbs.QueuePairAttribute.STATE;
import static org.softverbs.verbs.QueuePairAttribute.TIMEOUT;
import static org.softverbs.verbs.QueuePairState.ERR;
import static org.softverbs.verbs.QueuePairState.INIT;
import static org.softverbs.verbs.QueuePairState.RESET;
import static org.softverbs.verbs.QueuePairState.RTR;
import static org.softverbs.verbs.QueuePairState.RTS;
import static org.softverbs.verbs.QueuePairState.SQD;
import static org.softverbs.verbs.QueuePairState.SQE;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The legal moves of a queue pair as data: for each pair of states and each transport service the
/// attributes that must, and those that may, be given.
///
/// A device itself moves a queue pair to ERR (or, for unreliable services, to SQE) when work fails;
/// those moves are not asked for and not in this table.
///
/// Source: the table behind `ib_modify_qp_is_ok` in Linux, which is that of the specification's
/// "Modify Queue Pair" verb.
public final class QueuePairTransitions {

    /// What a legal move takes.
    ///
    /// @param required attributes that must be given
    /// @param optional attributes that may be given; `STATE` always may
    public record Rule(Set<QueuePairAttribute> required, Set<QueuePairAttribute> optional) {
        public Rule {
            required = Set.copyOf(required);
            optional = Set.copyOf(optional);
        }
    }

    private record Move(QueuePairType type, QueuePairState from, QueuePairState to) {}

    private static final Set<QueuePairAttribute> NONE = Set.of();
    private static final Set<QueuePairState> STATES_A_CALLER_MAY_ASSUME =
            EnumSet.of(RTR, RTS, SQD, SQE);
    private static final Map<Move, Rule> RULES = rules();

    private QueuePairTransitions() {}

    /// What the move takes, or nothing when it is not legal.
    public static Optional<Rule> rule(QueuePairType type, QueuePairState from, QueuePairState to) {
        return Optional.ofNullable(RULES.get(new Move(type, from, to)));
    }

    /// Why a move with these attributes is illegal, or nothing when it is legal.
    public static Optional<String> violation(
            QueuePairType type,
            QueuePairState from,
            QueuePairState to,
            Set<QueuePairAttribute> given) {
        Rule rule = RULES.get(new Move(type, from, to));
        if (rule == null) {
            return Optional.of("a queue pair cannot move from " + from + " to " + to);
        }
        if (given.contains(CUR_STATE) && !STATES_A_CALLER_MAY_ASSUME.contains(from)) {
            return Optional.of("CUR_STATE cannot be given in state " + from);
        }
        Set<QueuePairAttribute> missing = EnumSet.noneOf(QueuePairAttribute.class);
        missing.addAll(rule.required());
        missing.removeAll(given);
        if (!missing.isEmpty()) {
            return Optional.of("the move " + from + " to " + to + " needs " + missing);
        }
        Set<QueuePairAttribute> extra = EnumSet.noneOf(QueuePairAttribute.class);
        extra.addAll(given);
        extra.remove(STATE);
        extra.removeAll(rule.required());
        extra.removeAll(rule.optional());
        if (!extra.isEmpty()) {
            return Optional.of("the move " + from + " to " + to + " does not take " + extra);
        }
        return Optional.empty();
    }

    private static Map<Move, Rule> rules() {
        Map<Move, Rule> rules = new HashMap<>();
        for (QueuePairType type : QueuePairType.values()) {
            addAlwaysLegal(rules, type);
        }
        addReliableConnection(rules);
        addUnreliableConnection(rules);
        addUnreliableDatagram(rules, QueuePairType.UD, EnumSet.of(PKEY_INDEX, PORT, QKEY));
        addUnreliableDatagram(rules, QueuePairType.GSI, EnumSet.of(PKEY_INDEX, QKEY));
        addXrcInitiator(rules);
        addXrcTarget(rules);
        return Map.copyOf(rules);
    }

    private static void addAlwaysLegal(Map<Move, Rule> rules, QueuePairType type) {
        for (QueuePairState from : QueuePairState.values()) {
            rules.put(new Move(type, from, RESET), new Rule(NONE, NONE));
            if (from != RESET) {
                rules.put(new Move(type, from, ERR), new Rule(NONE, NONE));
            }
        }
    }

    private static void addReliableConnection(Map<Move, Rule> rules) {
        QueuePairType rc = QueuePairType.RC;
        Set<QueuePairAttribute> initial = EnumSet.of(PKEY_INDEX, PORT, ACCESS_FLAGS);
        rules.put(new Move(rc, RESET, INIT), new Rule(initial, NONE));
        rules.put(new Move(rc, INIT, INIT), new Rule(NONE, initial));
        rules.put(
                new Move(rc, INIT, RTR),
                new Rule(
                        EnumSet.of(
                                AV, PATH_MTU, DEST_QPN, RQ_PSN, MAX_DEST_RD_ATOMIC, MIN_RNR_TIMER),
                        EnumSet.of(ALT_PATH, ACCESS_FLAGS, PKEY_INDEX)));
        Set<QueuePairAttribute> whileConnected =
                EnumSet.of(CUR_STATE, ALT_PATH, ACCESS_FLAGS, MIN_RNR_TIMER, PATH_MIG_STATE);
        rules.put(
                new Move(rc, RTR, RTS),
                new Rule(
                        EnumSet.of(TIMEOUT, RETRY_CNT, RNR_RETRY, SQ_PSN, MAX_QP_RD_ATOMIC),
                        whileConnected));
        rules.put(new Move(rc, RTS, RTS), new Rule(NONE, whileConnected));
        rules.put(new Move(rc, RTS, SQD), new Rule(NONE, EnumSet.of(EN_SQD_ASYNC_NOTIFY)));
        rules.put(new Move(rc, SQD, RTS), new Rule(NONE, whileConnected));
        Set<QueuePairAttribute> whileDrained = EnumSet.copyOf(whileConnected);
        whileDrained.remove(CUR_STATE);
        whileDrained.addAll(
                EnumSet.of(
                        PORT,
                        PKEY_INDEX,
                        AV,
                        TIMEOUT,
                        RETRY_CNT,
                        RNR_RETRY,
                        MAX_QP_RD_ATOMIC,
                        MAX_DEST_RD_ATOMIC));
        rules.put(new Move(rc, SQD, SQD), new Rule(NONE, whileDrained));
    }

    private static void addUnreliableConnection(Map<Move, Rule> rules) {
        QueuePairType uc = QueuePairType.UC;
        Set<QueuePairAttribute> initial = EnumSet.of(PKEY_INDEX, PORT, ACCESS_FLAGS);
        rules.put(new Move(uc, RESET, INIT), new Rule(initial, NONE));
        rules.put(new Move(uc, INIT, INIT), new Rule(NONE, initial));
        rules.put(
                new Move(uc, INIT, RTR),
                new Rule(
                        EnumSet.of(AV, PATH_MTU, DEST_QPN, RQ_PSN),
                        EnumSet.of(ALT_PATH, ACCESS_FLAGS, PKEY_INDEX)));
        Set<QueuePairAttribute> whileConnected =
                EnumSet.of(CUR_STATE, ALT_PATH, ACCESS_FLAGS, PATH_MIG_STATE);
        rules.put(new Move(uc, RTR, RTS), new Rule(EnumSet.of(SQ_PSN), whileConnected));
        rules.put(new Move(uc, RTS, RTS), new Rule(NONE, whileConnected));
        rules.put(new Move(uc, RTS, SQD), new Rule(NONE, EnumSet.of(EN_SQD_ASYNC_NOTIFY)));
        rules.put(new Move(uc, SQD, RTS), new Rule(NONE, whileConnected));
        rules.put(
                new Move(uc, SQD, SQD),
                new Rule(NONE, EnumSet.of(AV, ALT_PATH, ACCESS_FLAGS, PKEY_INDEX, PATH_MIG_STATE)));
        rules.put(new Move(uc, SQE, RTS), new Rule(NONE, EnumSet.of(CUR_STATE, ACCESS_FLAGS)));
    }

    private static void addXrcInitiator(Map<Move, Rule> rules) {
        QueuePairType type = QueuePairType.XRC_SEND;
        Set<QueuePairAttribute> initial = EnumSet.of(PKEY_INDEX, PORT, ACCESS_FLAGS);
        rules.put(new Move(type, RESET, INIT), new Rule(initial, NONE));
        rules.put(new Move(type, INIT, INIT), new Rule(NONE, initial));
        rules.put(
                new Move(type, INIT, RTR),
                new Rule(
                        EnumSet.of(AV, PATH_MTU, DEST_QPN, RQ_PSN),
                        EnumSet.of(ALT_PATH, ACCESS_FLAGS, PKEY_INDEX)));
        Set<QueuePairAttribute> whileConnected =
                EnumSet.of(CUR_STATE, ALT_PATH, ACCESS_FLAGS, PATH_MIG_STATE);
        rules.put(
                new Move(type, RTR, RTS),
                new Rule(
                        EnumSet.of(TIMEOUT, RETRY_CNT, RNR_RETRY, SQ_PSN, MAX_QP_RD_ATOMIC),
                        whileConnected));
        rules.put(new Move(type, RTS, RTS), new Rule(NONE, whileConnected));
        rules.put(new Move(type, RTS, SQD), new Rule(NONE, EnumSet.of(EN_SQD_ASYNC_NOTIFY)));
        rules.put(new Move(type, SQD, RTS), new Rule(NONE, whileConnected));
        Set<QueuePairAttribute> whileDrained = EnumSet.copyOf(whileConnected);
        whileDrained.remove(CUR_STATE);
        whileDrained.addAll(
                EnumSet.of(PORT, AV, TIMEOUT, RETRY_CNT, RNR_RETRY, MAX_QP_RD_ATOMIC, PKEY_INDEX));
        rules.put(new Move(type, SQD, SQD), new Rule(NONE, whileDrained));
    }

    private static void addXrcTarget(Map<Move, Rule> rules) {
        QueuePairType type = QueuePairType.XRC_RECV;
        Set<QueuePairAttribute> initial = EnumSet.of(PKEY_INDEX, PORT, ACCESS_FLAGS);
        rules.put(new Move(type, RESET, INIT), new Rule(initial, NONE));
        rules.put(new Move(type, INIT, INIT), new Rule(NONE, initial));
        rules.put(
                new Move(type, INIT, RTR),
                new Rule(
                        EnumSet.of(
                                AV, PATH_MTU, DEST_QPN, RQ_PSN, MAX_DEST_RD_ATOMIC, MIN_RNR_TIMER),
                        EnumSet.of(ALT_PATH, ACCESS_FLAGS, PKEY_INDEX)));
        Set<QueuePairAttribute> whileConnected =
                EnumSet.of(CUR_STATE, ALT_PATH, ACCESS_FLAGS, MIN_RNR_TIMER, PATH_MIG_STATE);
        rules.put(new Move(type, RTR, RTS), new Rule(EnumSet.of(TIMEOUT, SQ_PSN), whileConnected));
        rules.put(new Move(type, RTS, RTS), new Rule(NONE, whileConnected));
        rules.put(new Move(type, RTS, SQD), new Rule(NONE, EnumSet.of(EN_SQD_ASYNC_NOTIFY)));
        rules.put(new Move(type, SQD, RTS), new Rule(NONE, whileConnected));
        Set<QueuePairAttribute> whileDrained = EnumSet.copyOf(whileConnected);
        whileDrained.remove(CUR_STATE);
        whileDrained.addAll(EnumSet.of(PORT, AV, TIMEOUT, MAX_DEST_RD_ATOMIC, PKEY_INDEX));
        rules.put(new Move(type, SQD, SQD), new Rule(NONE, whileDrained));
    }

    private static void addUnreliableDatagram(
            Map<Move, Rule> rules, QueuePairType ud, Set<QueuePairAttribute> initial) {
        Set<QueuePairAttribute> whileSending = EnumSet.of(CUR_STATE, QKEY);
        rules.put(new Move(ud, RESET, INIT), new Rule(initial, NONE));
        rules.put(new Move(ud, INIT, INIT), new Rule(NONE, initial));
        rules.put(new Move(ud, INIT, RTR), new Rule(NONE, EnumSet.of(PKEY_INDEX, QKEY)));
        rules.put(new Move(ud, RTR, RTS), new Rule(EnumSet.of(SQ_PSN), whileSending));
        rules.put(new Move(ud, RTS, RTS), new Rule(NONE, whileSending));
        rules.put(new Move(ud, RTS, SQD), new Rule(NONE, EnumSet.of(EN_SQD_ASYNC_NOTIFY)));
        rules.put(new Move(ud, SQD, RTS), new Rule(NONE, whileSending));
        rules.put(new Move(ud, SQD, SQD), new Rule(NONE, EnumSet.of(PKEY_INDEX, QKEY)));
        rules.put(new Move(ud, SQE, RTS), new Rule(NONE, whileSending));
    }
}
