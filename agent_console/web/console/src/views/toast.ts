/** Short messages at the top of the page that go away by themselves. */
import { ElMessage } from 'element-plus'

const shown = (type: 'success' | 'warning' | 'error' | 'info', message: string, duration: number) =>
  ElMessage({ type, message, duration, grouping: true, plain: true })

export const tellDone = (message: string) => shown('success', message, 2200)
export const tellWarning = (message: string) => shown('warning', message, 4500)
export const tellTrouble = (message: string) => shown('error', message, 5000)
