export interface Prediction {
  readonly key: string;
  /** 0 to 1, measured: how often such a guess came true. */
  readonly probability: number;
  /** How many keys of the stream further on, from 1. */
  readonly step: number;
  /** The state that the guess was made from: 32 bits, the same whenever a predictor finds itself in the same state. */
  readonly source: number;
}

/** What comes next. `stream` = user, session or pipeline: keys of one stream follow each other. Bounded in memory. */
export interface Predictor {
  /** `key` was asked for in `stream`. */
  observe(key: string, stream: string): void;
  /**
   * Keys that follow `key` in `stream` within `depth` (default 1) steps and with a probability above `threshold` (0 to 1): each once, the nearest
   * first. A `key` that is not the stream's last is thought of as coming now.
   */
  predict(key: string, stream: string, threshold: number, depth?: number): readonly Prediction[];
}

/** A predictor that accounts for what it holds. */
export interface BoundedPredictor extends Predictor {
  /** Bytes held: tables whole, as they were allotted, and the text of keys at two bytes a character. */
  readonly bytes: number;
}
