/** Short messages at the top of the page that go away by themselves. */
import { ElMessage } from 'element-plus'

/** Below the page's header, so that no button is covered. */
const CLEAR_OF_HEADER = 64

const shown = (type: 'success' | 'warning' | 'error' | 'info', message: string, duration: number) =>
  ElMessage({ type, message, duration, grouping: true, plain: true, offset: CLEAR_OF_HEADER })

export const tellDone = (message: string) => shown('success', message, 2200)
export const tellWarning = (message: string) => shown('warning', message, 4500)
export const tellTrouble = (message: string) => shown('error', message, 5000)
