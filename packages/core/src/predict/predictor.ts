export interface Prediction {
  readonly key: string;
  /** 0 to 1, measured: how often `key` followed. */
  readonly probability: number;
}

/** What comes next. `stream` = user, session or pipeline: keys of one stream follow each other. Bounded in memory. */
export interface Predictor {
  /** `key` was asked for in `stream`. */
  observe(key: string, stream: string): void;
  /**
   * Keys whose probability of following `key` in `stream` is above `threshold` (0 to 1), likeliest first. `before` is the key to be thought of
   * before `key`; default: what came before it in `stream`, or the stream's last key if `key` has not come yet.
   */
  predict(key: string, stream: string, threshold: number, before?: string): readonly Prediction[];
}
