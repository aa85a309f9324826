use super::*;

/// As it is written, and in capitals.
fn ways(text: &str) -> [String; 2] {
    [text.to_owned(), text.to_uppercase().replace(' ', "_")]
}

fn all_empty(texts: &[&str]) {
    for text in texts.iter().flat_map(|text| ways(text)) {
        assert!(is_empty(&text), "{text}");
    }
}

fn none_empty(texts: &[&str]) {
    for text in texts.iter().flat_map(|text| ways(text)) {
        assert!(!is_empty(&text), "{text}");
    }
}

#[test]
fn a_balance_is_empty_where_money_and_lack_are_about_each_other() {
    #[rustfmt::skip]
    all_empty(&[
        "You do not have enough credit", "You don't have enough funds", "Credit limit exceeded", "low balance",
        "Account suspended for non-payment", "Insufficient account balance", "balance too low", "Balance is too low",
        "Balance is insufficient", "balance is not sufficient", "Funds exhausted", "Prepaid credit exhausted",
        "account balance has been exhausted", "Out of credit", "out of prepaid credit", "no more money", "No credit left",
        "Negative balance", "zero balance", "Please top up your balance", "Recharge your credit", "402: Payment required",
        "Account blocked for non payment", "Your wallet is empty", "no funds", "not enough prepaid credit left",
        "Call failed: insufficient funds", "credit depleted", "blocked for non-payment", "account disabled: unpaid invoice", "Account suspended: non-payment",
    ]);
}

#[test]
fn a_balance_is_not_empty_because_both_words_stand_somewhere() {
    none_empty(&[
        "All delivery attempts exhausted; charge refunded to balance",
        "Handset out of coverage, no charge to balance",
        "Destination out of service, message refunded",
        "Blocked by carrier: credit repair content out of policy",
        "credit applied",
        "Balance is now 12.5",
        "Time limit exceeded",
        "Number of attempts exceeded",
        "All attempts exhausted, amount credited to balance",
        "sufficient balance",
        "Balance is sufficient",
        "charge refunded to balance",
        "low priority route",
        "Attempts exhausted and charge refunded to balance",
        "insufficient permissions",
        "not enough channels",
        "Fundamental error, queue empty",
        "Maximum call duration exceeded",
        "Account suspended",
        "number blocked",
    ]);
}

#[test]
fn an_amount_of_nothing_is_an_empty_balance() {
    #[rustfmt::skip]
    all_empty(&[
        "Balance 0", "balance: 0.00", "balance=-3.2", "Your balance is 0.00", "account balance is 0", "Balance: -3.20 USD",
        "balance is -$3.20", "Balance $0.00", "0 credits left", "You have 0 credits", "Balance 0,00 EUR", "Balance (USD): 0.00",
        "Balance is now 0", "insufficient (balance 0.00)", "Call failed: balance: 0", "remaining credit: 0", "balance = 0",
        "Call refused, balance is USD 0.00",
    ]);
    #[rustfmt::skip]
    none_empty(&[
        "Balance 12.50", "balance is 0.05", "Balance: 1,000.00", "balance=3.2", "Balance - 12.50", "balance 10",
        "New balance is 873.0604", "Charged: 0 credits", "0 credits used", "zero credits used", "Cost 0 credits",
        "Balance ok, error 0", "Error 0: answer", "attempts left: 0, balance 12.50", "Attempts exhausted: balance 12",
    ]);
}

#[test]
fn a_limit_of_money_that_is_reached_is_an_empty_balance() {
    #[rustfmt::skip]
    all_empty(&[
        "credit limit reached", "Credit limit has been reached", "exceeds credit limit", "over credit limit",
        "Spending limit exceeded", "call exceeds your credit limit", "Over the spending limit", "overdraft limit hit",
        "Budget limit exceeded", "Account is over its credit limit", "Cost exceeds balance", "charge exceeds available balance",
    ]);
    #[rustfmt::skip]
    none_empty(&[
        "call limit reached", "rate limit exceeded", "Rate limit exceeded for prepaid", "credit limit not reached",
        "concurrency limit reached", "time limit exceeded, balance 12.50", "over capacity", "credit limit is 500",
    ]);
}

#[test]
fn codes_in_one_word_are_read() {
    for text in [
        "InsufficientBalance",
        "insufficientFunds",
        "NotEnoughBalance",
        "LowBalance",
        "CreditLimitExceeded",
        "NoCredit",
    ] {
        assert!(is_empty(text), "{text}");
    }
    for text in ["BalanceUpdated", "SufficientFunds", "UserBusy", "InsufficientPermissions"] {
        assert!(!is_empty(text), "{text}");
    }
}

#[test]
fn an_account_without_money_and_one_closed_for_debt_are_empty() {
    #[rustfmt::skip]
    all_empty(&[
        "account empty", "account exhausted", "account depleted", "Account is overdrawn", "Account in arrears",
        "account locked for non payment", "Account suspended: billing", "prepaid account is empty", "your account is depleted",
        "Service suspended due to billing issue", "Account closed: past due", "account deactivated, unpaid invoice",
        "Balance overdrawn", "Call refused: account exhausted",
    ]);
    #[rustfmt::skip]
    none_empty(&[
        "account suspended", "Account locked", "account name is empty", "account active", "queue empty", "Account not overdrawn",
        "blocked by billing policy", "account credentials exhausted", "attempts exhausted for account",
    ]);
}

#[test]
fn who_asks_for_money_has_not_got_enough() {
    #[rustfmt::skip]
    all_empty(&[
        "Please add funds", "Please recharge your account", "payment is required", "top-up your account", "Please top up",
        "payment required", "Add credit to continue", "recharge account", "Please pay your invoice", "you must top up",
        "Top up required", "More credit required", "refill your wallet", "Payment needed", "Call refused, please replenish your account",
    ]);
    #[rustfmt::skip]
    none_empty(&[
        "no payment required", "payment not required", "Payment is not required", "recharge service error",
        "no need to top up", "no more credit required", "top level domain", "address required", "payment accepted",
    ]);
}

#[test]
fn other_words_and_marks_of_lack_are_read() {
    #[rustfmt::skip]
    all_empty(&[
        "Balance: insufficient", "balance (0) insufficient", "balance (12.50) insufficient", "insufficient: balance",
        "Balance below minimum", "balance is below the minimum", "Funds unavailable", "funds not available",
        "No available funds", "Credit used up", "Credits have been used up", "ran out of credit", "your credit ran out",
        "account balance: too low", "Prepaid: exhausted", "no funds available", "lack of funds", "short of funds",
        "Non-sufficient funds", "no remaining credit", "Call not possible, low balance", "Insufficient SMS credits",
    ]);
    #[rustfmt::skip]
    none_empty(&[
        "balance above minimum", "balance information unavailable", "balance not available", "credit service unavailable",
        "Prepaid service not available", "funds available", "capacity used up", "balance is not low",
        "Failure not due to insufficient funds", "time ran out", "no insufficient funds",
    ]);
}

#[test]
fn what_was_not_taken_and_what_only_sounds_like_money_is_no_empty_balance() {
    #[rustfmt::skip]
    none_empty(&[
        "No money was charged", "No funds were deducted", "no credit check required", "Destination busy, no credit deducted",
        "zero credits used", "no payment required", "No credit was debited", "without money being charged",
        "no credits consumed", "No balance was deducted", "previous balance low, now 500", "low credit score",
        "Old balance 0, new 20", "no credit card on file", "credit check exceeded time",
    ]);
}

#[test]
fn the_called_partys_balance_is_not_the_customers() {
    #[rustfmt::skip]
    none_empty(&[
        "Recipient's prepaid balance is zero", "Called subscriber has insufficient credit", "Subscriber out of credit",
        "Handset prepaid with no credit", "The callee has no credit", "callee's balance is too low",
        "Destination has insufficient credit", "Called party's account balance is insufficient", "Called party: out of credit",
        "The called number does not have enough credit", "Insufficient credit on the recipient's account",
        "no credit on called handset", "Insufficient balance of the called subscriber", "recipient must top up",
        "Subscriber suspended for non-payment", "The subscriber's account is empty", "Remote party ran out of credit",
    ]);
    #[rustfmt::skip]
    all_empty(&[
        "Insufficient balance to call destination", "insufficient credit for this destination", "Low balance for recipient",
        "Not enough credit to reach the called party", "Call to destination failed: insufficient balance",
        "SMS to recipient not sent because of low balance", "Destination rate exceeds balance",
        "Calling subscriber has insufficient credit", "Caller has insufficient credit", "Calling party out of credit",
        "Recipient 12025550102: insufficient balance", "your subscriber account has no credit",
        "Destination blocked due to insufficient funds", "customer has insufficient balance",
    ]);
}

#[test]
fn what_a_message_says_is_no_empty_balance() {
    #[rustfmt::skip]
    none_empty(&[
        "Message content blocked: text says your balance is low", "Blocked by carrier: message text mentions insufficient funds",
        "Spam: top up your wallet now", "The message was rejected: your balance is low, top up",
        "Blocked as spam: your account is empty", "Phishing: add funds", "Message contains \"insufficient balance\"",
        "Filtered: insufficient funds", "keyword found: low balance", "SMS body reads recharge your account",
    ]);
    #[rustfmt::skip]
    all_empty(&[
        "Message rejected: insufficient balance", "The message was rejected: insufficient funds", "Blocked: low balance",
        "Message blocked, not enough credit", "SMS not sent: your balance is low, top up", "text not sent: no credit",
    ]);
}
#[test]
fn whole_sentences_are_read() {
    #[rustfmt::skip]
    all_empty(&[
        "Insufficient funds in your account", "Your account balance is insufficient to complete this call",
        "Account balance insufficient for this call", "You have insufficient credit to make this call",
        "Insufficient Balance: please top up", "Not enough money on account", "Not enough money on balance",
        "Prepaid balance exhausted", "Sorry, your balance has run out", "No balance", "No balance left",
        "balance is zero", "credit balance is 0.00", "Credit exhausted: 0.00 left", "Customer out of credit",
        "Caller's credit exhausted", "Call blocked due to insufficient balance",
        "Destination not reachable: insufficient balance", "Balance -0.01", "-1.20 balance",
        "your balance of 0.00 is too low", "Current balance (-0.50) below required minimum", "insufficient_credits",
        "INSUFFICIENT-FUNDS", "OUT_OF_CREDIT", "Account has no funds", "Account has zero balance",
        "account credit limit exceeded", "Credit limit of 50 USD exceeded", "exceeded credit limit",
        "you have exceeded your credit limit", "the account's balance is not enough", "Low credits",
        "Balance too low to send SMS", "SMS rejected: not enough credits", "Maximum spending limit reached",
        "Daily spending limit reached", "Monthly spend limit exceeded", "please deposit funds", "Please refill",
        "Recharge required", "Payment overdue", "account past due", "Account past due", "Balance negative",
        "Insufficient prepaid balance for destination", "405 Insufficient balance",
        "Call to +12025550101 failed due to lack of funds", "Not Enough Account Balance", "balance insufficient.",
        "Balance: 0 USD", "Balance:0", "credit=0", "wallet balance 0.00", "Wallet empty",
        "cannot place call low balance",
    ]);
    #[rustfmt::skip]
    none_empty(&[
        "no answer, balance ok", "Balance 12.50 sufficient", "balance 100", "balance is 0.5", "balance 0.004",
        "called party declined; no charge", "Busy, not charged", "Credit was not deducted",
        "no credits will be charged", "No fee, no funds taken", "0.00 credits deducted", "zero funds used",
        "Mobile subscriber account empty", "Called customer out of credit", "called user has no funds",
        "called mobile has no prepaid credit", "Recipient has run out of credit", "Recipient: balance is zero",
        "B-party has insufficient credit", "The person you called has no credit", "the callee's credit limit exceeded",
        "Receiver wallet empty", "Receiving handset has no credit", "Terminating subscriber has no credit",
        "destination phone has no credit", "content filter: low balance scam", "Text contains add funds",
        "Carrier filter: recharge your account", "Message body: your balance is low",
        "blocked by spam filter: balance low", "message text: low balance",
        "Rejected, message content: top up your wallet", "Credit repair content, opt-out exceeded", "last balance 0",
        "balance before call 0, after 20", "credit history low", "lower rate route, credit ok", "low volume route",
        "balance transfer exceeded time", "load balance error: no server available", "Load balancer empty",
        "fund transfer failed", "account suspended for fraud", "Number suspended, not billing related",
        "No funds needed", "number not in prepaid list", "queue credit window exhausted",
    ]);
}

#[test]
fn what_a_provider_writes_is_read() {
    #[rustfmt::skip]
    all_empty(&[
        "sufficient funds not available", "Balance not sufficient to place call", "balance isn't enough",
        "You're out of credit", "Balance is less than required", "Balance less than minimum",
        "Insufficient balance in wallet", "Account has insufficient funds for this destination", "Account balance: $0",
        "Account balance (0)", "balance:-5", "Available balance: 0.00", "available_balance=0",
        "Balance is 0.00 USD. Please top up", "Your prepaid card has no balance", "CREDIT_LIMIT_REACHED",
        "BALANCE_EXHAUSTED", "NO_FUNDS", "NO_BALANCE", "ACCOUNT_BALANCE_TOO_LOW", "PAYMENT_REQUIRED",
        "ERR_INSUFFICIENT_CREDIT", "Error: insufficient_credit", "insufficient-balance",
        "{\"error\":\"insufficient balance\"}", "402 Insufficient funds", "SIP 402 Payment Required",
        "X-Reason: low balance", "Call rejected: account is out of money",
        "Outgoing calls disabled: account has negative balance", "Account suspended because of unpaid balance",
        "Account disabled due to negative balance", "Account blocked, balance below zero",
        "account suspended for lack of payment", "Account suspended (payment overdue)",
        "Service suspended: outstanding balance", "Your account has been suspended due to non-payment",
        "Trial credit exhausted", "Free credits used up", "trial balance depleted", "Credit expired",
        "Insufficient call credit", "not enough credits to send message", "You need more credit", "needs more funds",
        "Message not sent. Add credit.", "buy more credits", "Minimum balance not met", "Minimum balance required",
        "balance under threshold", "below minimum balance", "insufficient funds, no money was charged",
        "Insufficient balance; credit not deducted", "no credit was available", "No funds to charge",
        "Insufficient balance, cannot charge", "Insufficient funds to cover charge",
        "Insufficient balance: 0.02 required 0.05", "Zero balance, call charge 0.05", "no funds to cover call cost",
        "No credit for call charges",
    ]);
    #[rustfmt::skip]
    none_empty(&[
        "Balance restored", "Balance updated: 5.00", "credit added", "Funds added", "Account recharged",
        "recharge successful", "top up successful", "payment received", "payment successful",
        "payment declined by bank", "zero-rated prepaid", "Prepaid number not allowed",
        "prepaid subscribers not permitted", "subscriber is prepaid and roaming",
        "Recipient's account is suspended for non-payment", "Recipient number disabled: unpaid",
        "Called number suspended: non payment", "Handset's prepaid balance exhausted", "Subscriber's wallet is empty",
        "the destination's account has no money", "No balance change", "no charge", "Not charged",
        "no money has been taken from your balance", "Your balance was not charged", "credit was not used",
        "empty message, balance 5", "empty body", "Empty destination", "low confidence", "below capacity",
        "limit reached", "Maximum credit check time exceeded", "message too long, credits 5", "insufficient signal",
        "insufficient privileges on account", "account limit exceeded", "Daily limit of account exceeded",
        "add destination to account", "add prefix", "please recharge battery", "handset battery empty", "Low battery",
    ]);
}
