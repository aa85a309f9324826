//! Packing messages into the batches that SNS takes. Every message is in one batch, in the order in which they came.

/// SNS's limit on the messages of a batch.
const COUNT: usize = 10;
/// SNS's limit on a message with its attributes, and on all messages of a batch together.
pub(crate) const BYTES: usize = 262_144;

/// The messages in batches within SNS's limits; one that is over them by itself is in a batch of its own.
pub(crate) fn pack<T>(messages: Vec<T>, size: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut batches = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for message in messages {
        let more = size(&message);
        if !batch.is_empty() && (batch.len() == COUNT || bytes + more > BYTES) {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        bytes += more;
        batch.push(message);
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_messages_are_ten_to_a_batch_and_large_ones_fewer() {
        let lengths = |sizes: &[usize]| pack(sizes.to_vec(), |size| *size).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(&[]), Vec::<usize>::new());
        assert_eq!(lengths(&[1; 25]), [10, 10, 5]);
        assert_eq!(lengths(&[BYTES / 2; 5]), [2, 2, 1]);
        assert_eq!(lengths(&[BYTES / 2 + 1; 3]), [1, 1, 1]);
        assert_eq!(lengths(&[1, BYTES, 1]), [1, 1, 1]);
    }

    proptest! {
        #[test]
        fn no_batch_is_over_the_limits_and_nothing_is_lost_or_moved(
            sizes in prop::collection::vec(prop_oneof![1..=2000_usize, 1..=BYTES], 0..60),
        ) {
            let batches = pack(sizes.clone(), |size| *size);
            for batch in &batches {
                prop_assert!((1..=COUNT).contains(&batch.len()));
                prop_assert!(batch.iter().sum::<usize>() <= BYTES);
            }
            prop_assert_eq!(batches.concat(), sizes);
        }

        #[test]
        fn no_batch_ends_before_it_must(sizes in prop::collection::vec(1..=BYTES, 0..60)) {
            let batches = pack(sizes, |size| *size);
            for (batch, next) in batches.iter().zip(batches.iter().skip(1)) {
                let with_next = batch.iter().chain(next.first()).sum::<usize>();
                prop_assert!(batch.len() == COUNT || with_next > BYTES);
            }
        }
    }
}
