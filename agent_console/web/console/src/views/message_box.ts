/** The box that asks for a word, kept apart so that it is fetched when it is first needed. */
export { ElMessageBox } from 'element-plus'
