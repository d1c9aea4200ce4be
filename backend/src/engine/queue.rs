//! A lock that is given in the order in which it was asked for. The standard library's may be taken
//! again by the thread that has just let go, before another wakes: a run would keep everyone else
//! waiting until its last sample.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A value that one at a time may use.
#[derive(Debug, Default)]
pub(super) struct Queue<T> {
    turns: Mutex<Turns>,
    moved: Condvar,
    value: Mutex<T>,
}

#[derive(Debug, Default)]
struct Turns {
    /// Given out so far.
    given: u64,
    /// Over so far: the number of the one whose turn it is.
    over: u64,
}

/// One's turn, until this is dropped.
struct Turn<'a, T>(&'a Queue<T>);

impl<T> Queue<T> {
    /// Lets `work` use the value when all who asked before are done, even by a panic.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let _turn = self.wait();
        // Free: whoever has the turn is the only one here.
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut value)
    }

    /// How many use the value or wait for it.
    pub(super) fn asked(&self) -> u64 {
        let turns = self.turns();
        turns.given - turns.over
    }

    fn wait(&self) -> Turn<'_, T> {
        let mut turns = self.turns();
        let mine = turns.given;
        turns.given += 1;
        while turns.over != mine {
            let moved = self.moved.wait(turns);
            turns = moved.unwrap_or_else(PoisonError::into_inner);
        }
        Turn(self)
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.0.turns().over += 1;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;

    use super::*;

    /// Until so many have asked and are not done.
    fn until(queue: &Queue<Vec<usize>>, asked: u64) {
        loop {
            if queue.asked() == asked {
                return;
            }
            thread::yield_now();
        }
    }

    #[test]
    fn first_come_first_served() {
        let queue = Queue::<Vec<usize>>::default();
        thread::scope(|scope| {
            let queue = &queue;
            queue.with(|_| {
                for number in 0..8 {
                    scope.spawn(move || queue.with(|seen| seen.push(number)));
                    until(queue, number as u64 + 2);
                }
            });
            // Asked again at once, behind all who were waiting.
            queue.with(|seen| seen.push(99));
        });
        queue.with(|seen| assert_eq!(*seen, [0, 1, 2, 3, 4, 5, 6, 7, 99]));
    }

    #[test]
    fn a_panic_ends_a_turn() {
        let queue = Queue::<Vec<usize>>::default();
        let broken = catch_unwind(AssertUnwindSafe(|| {
            queue.with(|_| panic!("the engine broke"));
        }));
        assert!(broken.is_err());
        assert_eq!(queue.with(|seen| seen.len()), 0);
    }
}
