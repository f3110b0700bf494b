//! A closed loop of calls: so many in flight, each followed by the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// Keeps `in_flight` calls going for a time and returns how many were answered. A call gets its slot, from
/// 0, and its number, unique in this load.
pub async fn load<F, R>(in_flight: usize, seconds: u64, call: F) -> u64
where
    F: Fn(usize, u64) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send,
{
    let call = Arc::new(call);
    let end = Instant::now() + Duration::from_secs(seconds);
    let slots: Vec<_> = (0..in_flight)
        .map(|slot| {
            let call = call.clone();
            tokio::spawn(async move {
                let mut done = 0;
                while Instant::now() < end {
                    call(slot, done * in_flight as u64 + slot as u64).await;
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut answered = 0;
    for slot in slots {
        answered += slot.await.expect("no call fails");
    }
    answered
}

/// A number below `bound` that looks random, the same in every run.
pub fn scatter(number: u64, bound: i64) -> i64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^= mixed >> 31;
    i64::try_from(mixed % bound.unsigned_abs()).expect("below an i64")
}
