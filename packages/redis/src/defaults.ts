export const DEFAULTS: {
  readonly prefix: string;
  readonly maxValueBytes: '32MB';
  readonly channel: string;
} = {
  prefix: 'kvasir:',
  maxValueBytes: '32MB',
  channel: 'kvasir:bus',
};
