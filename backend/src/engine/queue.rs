//! A fair lock: it is granted in the order of asking. The standard library's lock may be taken again
//! by the thread that has just released it, before another one wakes: a run would keep everyone else
//! waiting until its last sample.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a waiting thread checks whether it should give up.
const LOOK: Duration = Duration::from_millis(100);

/// A value that one thread at a time may use.
#[derive(Debug, Default)]
pub(super) struct FairQueue<T> {
    turns: Mutex<QueueState>,
    moved: Condvar,
    value: Mutex<T>,
}

#[derive(Debug, Default)]
struct QueueState {
    /// How many turns were given out so far.
    given: u64,
    /// How many turns are over, which is the number of the current turn.
    over: u64,
    /// The turns still to come that were given up.
    left: BTreeSet<u64>,
}

/// A thread's turn; it ends when this is dropped.
struct QueueTurn<'a, T>(&'a FairQueue<T>);

impl<T> FairQueue<T> {
    /// Lets `work` use the value when all who asked before are done, even by a panic; nothing where
    /// `waits`, which is asked now and then until the turn comes, says no before.
    pub(super) fn with<R>(
        &self,
        waits: &mut dyn FnMut() -> bool,
        work: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let _turn = self.turn(waits)?;
        // Free: whoever has the turn is the only one here.
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        Some(work(&mut value))
    }

    /// How many use the value or wait for it.
    pub(super) fn asked(&self) -> u64 {
        let turns = self.turns();
        turns.given - turns.over - turns.left.len() as u64
    }

    fn turn(&self, waits: &mut dyn FnMut() -> bool) -> Option<QueueTurn<'_, T>> {
        let mut turns = self.turns();
        let mine = turns.given;
        turns.given += 1;
        while turns.over != mine {
            let moved = self.moved.wait_timeout(turns, LOOK);
            let (held, _) = moved.unwrap_or_else(PoisonError::into_inner);
            if held.over == mine {
                break;
            }
            // Not under the lock: it may take its time.
            drop(held);
            let stays = waits();
            turns = self.turns();
            if !stays {
                // Its turn may have come meanwhile, and must end then.
                match turns.over == mine {
                    true => turns.next(),
                    false => drop(turns.left.insert(mine)),
                }
                drop(turns);
                self.moved.notify_all();
                return None;
            }
        }
        Some(QueueTurn(self))
    }

    fn turns(&self) -> MutexGuard<'_, QueueState> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for QueueTurn<'_, T> {
    fn drop(&mut self) {
        self.0.turns().next();
        self.0.moved.notify_all();
    }
}

impl QueueState {
    /// The turn is that of the next one who still waits.
    fn next(&mut self) {
        self.over += 1;
        while self.left.remove(&self.over) {
            self.over += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;

    use super::*;

    fn stays() -> impl FnMut() -> bool {
        || true
    }

    /// Until so many have asked and are not done.
    fn until(queue: &FairQueue<Vec<usize>>, asked: u64) {
        loop {
            if queue.asked() == asked {
                return;
            }
            thread::yield_now();
        }
    }

    #[test]
    fn first_come_first_served() {
        let queue = FairQueue::<Vec<usize>>::default();
        thread::scope(|scope| {
            let queue = &queue;
            queue.with(&mut stays(), |_| {
                for number in 0..8 {
                    scope.spawn(move || queue.with(&mut stays(), |seen| seen.push(number)));
                    until(queue, number as u64 + 2);
                }
            });
            // Asked again at once, behind all who were waiting.
            queue.with(&mut stays(), |seen| seen.push(99));
        });
        let seen = queue.with(&mut stays(), |seen| seen.clone());
        assert_eq!(seen.unwrap(), [0, 1, 2, 3, 4, 5, 6, 7, 99]);
    }

    #[test]
    fn who_leaves_keeps_nobody_waiting() {
        let queue = FairQueue::<Vec<usize>>::default();
        thread::scope(|scope| {
            let queue = &queue;
            queue.with(&mut stays(), |_| {
                let leaves = [1, 2].map(|number| {
                    let leave =
                        scope.spawn(move || queue.with(&mut || false, |seen| seen.push(number)));
                    until(queue, 2);
                    // Gone while another has the turn.
                    assert_eq!(leave.join().unwrap(), None);
                    until(queue, 1);
                    number
                });
                assert_eq!(leaves, [1, 2]);
                scope.spawn(move || queue.with(&mut stays(), |seen| seen.push(3)));
                until(queue, 2);
            });
            queue.with(&mut stays(), |seen| seen.push(4));
        });
        let seen = queue.with(&mut || false, |seen| seen.clone());
        assert_eq!(seen.unwrap(), [3, 4], "one who need not wait is not asked");
        assert_eq!(queue.asked(), 0);
    }

    #[test]
    fn a_panic_ends_a_turn() {
        let queue = FairQueue::<Vec<usize>>::default();
        let broken = catch_unwind(AssertUnwindSafe(|| {
            let _never: Option<()> = queue.with(&mut stays(), |_| panic!("the engine broke"));
        }));
        assert!(broken.is_err());
        assert_eq!(queue.with(&mut stays(), |seen| seen.len()), Some(0));
    }
}
