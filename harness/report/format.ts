/** What a run can print. */
export const reportFormats = ['pretty', 'json', 'junit', 'markdown'] as const;

export type ReportFormat = (typeof reportFormats)[number];
